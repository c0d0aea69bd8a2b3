local main, is_main = coroutine.running()
print(type(main), is_main) --> thread	true
local co
co = coroutine.create(function()
  local c, m = coroutine.running()
  print(c == co, m, c == main)
end)
coroutine.resume(co) --> true	false	false
