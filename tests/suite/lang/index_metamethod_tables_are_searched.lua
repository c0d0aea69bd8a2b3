local base = {x = "base x", y = "base y"}
local t = setmetatable({x = "own"}, {__index = base})
print(t.x, t.y, t.z) --> own	base y	nil
base.z = "late"
print(t.z) --> late
