local t = {10, 20, x = 1, y = 2, [2.5] = 3, [true] = 4}
local n, sum = 0, 0
for k, v in pairs(t) do n = n + 1 sum = sum + v end
print(n, sum) --> 6	40
