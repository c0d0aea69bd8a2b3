print(pcall(coroutine.close, coroutine.running())) --> false	cannot close a running coroutine
local outer
outer = coroutine.create(function()
  coroutine.wrap(function() print(pcall(coroutine.close, outer)) end)()
  print(pcall(coroutine.close, outer))
end)
coroutine.resume(outer)
--> false	cannot close a normal coroutine
--> false	cannot close a running coroutine
