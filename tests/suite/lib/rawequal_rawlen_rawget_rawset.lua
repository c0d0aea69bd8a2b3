local t = setmetatable({1, 2}, {__len = function() return 9 end, __eq = function() return true end})
print(rawequal(t, t), rawequal(t, {}), rawequal(1, 1.0), rawequal("a", "a"), rawlen(t), rawlen("abc")) --> true	false	true	true	2	3
print(rawset(t, "k", 1) == t, rawget(t, "k")) --> true	1
