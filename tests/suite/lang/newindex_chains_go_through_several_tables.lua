local last = {}
local mid = setmetatable({}, {__newindex = last})
local t = setmetatable({}, {__newindex = mid})
t.k = "v"
print(rawget(t, "k"), rawget(mid, "k"), last.k) --> nil	nil	v
mid.k = nil
rawset(mid, "own", 1)
t.own = 2
print(mid.own, last.own) --> 2	nil
