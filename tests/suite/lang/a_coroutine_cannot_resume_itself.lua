local co
co = coroutine.create(function() return coroutine.resume(co) end)
print(coroutine.resume(co)) --> true	false	cannot resume non-suspended coroutine
local w
w = coroutine.wrap(function() return w() end)
print(pcall(w)) --> false	a_coroutine_cannot_resume_itself.lua:5: cannot resume non-suspended coroutine
