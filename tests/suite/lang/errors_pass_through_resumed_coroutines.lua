local inner = coroutine.wrap(function() error("from inner", 0) end)
local outer = coroutine.create(function() inner() end)
print(coroutine.resume(outer)) --> false	errors_pass_through_resumed_coroutines.lua:2: from inner
