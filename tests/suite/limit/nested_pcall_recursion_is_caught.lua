local n = 0
local function f() n = n + 1 return pcall(f) end
local ok = f()
print(ok, n > 100) --> true	true
