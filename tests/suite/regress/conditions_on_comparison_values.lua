local a, b = 1, 2
local x = a < b
local y = (a > b) or "no"
local z = a == 1 and b == 2 and "both"
print(x, y, z, not (a < b), (a < b) == (b > a)) --> true	no	both	false	true
local t = {a < b, a > b, a ~= b}
print(t[1], t[2], t[3]) --> true	false	true
