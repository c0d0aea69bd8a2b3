local co = coroutine.create(function() error("died", 0) end)
print(coroutine.resume(co)) --> false	died
print(coroutine.close(co)) --> false	died
print(coroutine.close(co)) --> true
