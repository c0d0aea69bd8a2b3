local co = coroutine.create(function() error({code = 7}) end)
local ok, e = coroutine.resume(co)
print(ok, e.code, coroutine.status(co)) --> false	7	dead
print(coroutine.resume(coroutine.create(function() error("msg", 0) end))) --> false	msg
print(coroutine.resume(coroutine.create(function() local x = nil + 1 end))) --> false	coroutine_errors_come_back_from_resume.lua:5: attempt to perform arithmetic on a nil value
