local co = coroutine.wrap(function()
  return pcall(pcall, pcall, function()
    coroutine.yield(1)
    coroutine.yield(2)
    error("deep", 0)
  end)
end)
print(co()) --> 1
print(co()) --> 2
print(co()) --> true	true	false	deep
