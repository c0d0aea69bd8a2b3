local co = coroutine.create(function() end)
coroutine.resume(co)
print(coroutine.resume(co)) --> false	cannot resume dead coroutine
print(pcall(coroutine.wrap(function() end))) --> true
