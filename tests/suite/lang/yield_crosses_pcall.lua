local co = coroutine.wrap(function()
  local ok, v = pcall(function()
    local x = coroutine.yield("in pcall")
    error("after " .. x, 0)
  end)
  print(ok, v)
  print(pcall(coroutine.yield, "direct"))
  return "end"
end)
print(co()) --> in pcall
print(co("resume"))
--> false	after resume
--> direct
print(co("a", "b"))
--> true	a	b
--> end
