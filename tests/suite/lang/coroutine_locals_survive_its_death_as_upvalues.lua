local f
local co = coroutine.create(function()
  local x = 5
  f = function() x = x + 1 return x end
  coroutine.yield()
end)
coroutine.resume(co)
coroutine.close(co)
print(f(), f()) --> 6	7
