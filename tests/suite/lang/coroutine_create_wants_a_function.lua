print(pcall(coroutine.create, 1)) --> false	bad argument #1 to 'coroutine.create' (function expected, got number)
print(pcall(coroutine.wrap, {})) --> false	bad argument #1 to 'coroutine.wrap' (function expected, got table)
print(pcall(coroutine.resume, 1)) --> false	bad argument #1 to 'coroutine.resume' (thread expected, got number)
print(pcall(coroutine.status, {})) --> false	bad argument #1 to 'coroutine.status' (thread expected, got table)
