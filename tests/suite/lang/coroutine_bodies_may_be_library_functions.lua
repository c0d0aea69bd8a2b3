print(coroutine.wrap(math.max)(3, 9, 4)) --> 9
print(coroutine.wrap(pcall)(error, "e")) --> false	e
local co = coroutine.wrap(coroutine.yield)
print(co("a", "b")) --> a	b
print(co("c")) --> c
