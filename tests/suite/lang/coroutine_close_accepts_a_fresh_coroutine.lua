local co = coroutine.create(print)
print(coroutine.close(co), coroutine.status(co)) --> true	dead
print(coroutine.resume(co)) --> false	cannot resume dead coroutine
