local t = {1, 2, nil, 4}
local n = #t
print(n == 2 or n == 4, t[n] ~= nil, t[n + 1] == nil) --> true	true	true
local u = {nil, nil, 3}
n = #u
print((n == 0 or u[n] ~= nil) and u[n + 1] == nil) --> true
