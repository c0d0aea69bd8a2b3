local t = {}
local function f() end
print(pcall(error, nil)) --> false	nil
print(pcall(error)) --> false	nil
print(pcall(error, false)) --> false	false
print(pcall(error, 42)) --> false	42
print(pcall(error, 1.5)) --> false	1.5
print(select(2, pcall(error, t)) == t, select(2, pcall(error, f)) == f) --> true	true
