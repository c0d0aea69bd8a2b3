local function cmp(a, b) table.sort({1, 2, 3}, cmp) return a < b end
local ok, e = pcall(table.sort, {1, 2, 3}, cmp)
print(ok, e:find("stack overflow", 1, true) ~= nil) --> false	true
