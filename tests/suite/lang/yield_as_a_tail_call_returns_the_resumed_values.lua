local co = coroutine.wrap(function(a) return coroutine.yield(a) end)
print(co(1)) --> 1
print(co(2, 3)) --> 2	3
