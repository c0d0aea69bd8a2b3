local fields = { year = 2001, month = 2, day = 30, hour = 12 }
local stored = {}
local t = setmetatable({}, { __index = fields, __newindex = function(_, k, v) stored[k] = v end })
os.time(t)
print(stored.year, stored.month, stored.day, stored.hour, stored.isdst, next(t)) --> 2001	3	2	12	false	nil
print(os.time(t) - os.time { year = 2001, month = 3, day = 1, hour = 12 }) --> 86400
