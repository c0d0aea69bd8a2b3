local t = setmetatable({a = 1}, {__index = function(t, k) return k .. "!" end})
print(t.a, t.b, t[1], rawget(t, "b")) --> 1	b!	1!	nil
