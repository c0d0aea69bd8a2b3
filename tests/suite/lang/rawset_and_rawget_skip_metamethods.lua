local t = setmetatable({}, {__index = function() return "mm" end, __newindex = function() error("no") end})
rawset(t, "a", 1)
print(rawget(t, "a"), rawget(t, "b"), t.b) --> 1	nil	mm
