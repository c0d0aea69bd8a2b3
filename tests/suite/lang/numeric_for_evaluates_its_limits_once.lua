local n = 0
local function f(v) n = n + 1 return v end
for i = f(1), f(5), f(2) do f(i) end
print(n) --> 6
