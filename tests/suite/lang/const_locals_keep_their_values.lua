local a <const>, b <const>, s <const>, n <const> = 1, 2.5, "str", nil
local t <const> = {}
t.x = a
local function f() return a + b, s, n, t.x end
print(f()) --> 3.5	str	nil	1
