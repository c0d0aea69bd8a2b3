local f, t = false, true
print(f and f and 1, t and 2 and 3, f or nil or 4, t and f or 5, (f or 1) and (nil or 2)) --> false	3	4	5	2
local a, b, c = nil, 7, false
print(a and b or c, a or b and c, not a and b, not (a or c) and b) --> false	false	7	7
print((a == nil and b > 3) and "yes" or "no") --> yes
