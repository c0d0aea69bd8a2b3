local co = coroutine.create(function()
  return (("abc"):gsub(".", function(c) return coroutine.yield(c) end))
end)
print(coroutine.resume(co)) --> false	attempt to yield across a C-call boundary
coroutine.wrap(function() ("x"):gsub("x", function() print(coroutine.isyieldable()) end) end)() --> false
