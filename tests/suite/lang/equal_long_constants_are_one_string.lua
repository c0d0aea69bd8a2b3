local function address(s) return string.format("%p", s) end
local a = "0123456789012345678901234567890123456789012345678901234567890123456789"
local function f() return "0123456789012345678901234567890123456789012345678901234567890123456789" end
print(address(a) == address(f())) --> true
local made = a:sub(1, 35) .. a:sub(36)
print(made == a, address(made) == address(a)) --> true	false
