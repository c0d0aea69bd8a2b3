print(coroutine.isyieldable()) --> false
coroutine.wrap(function() print(coroutine.isyieldable()) end)() --> true
local co = coroutine.create(function() end)
print(coroutine.isyieldable(co)) --> true
