local n = 0
local function count(v) n = n + 1 return v end
local _ = false and count(1)
_ = true or count(1)
_ = nil and count(1) or count(2)
_ = count(1) and count(false) or count(3)
print(n, _) --> 4	3
