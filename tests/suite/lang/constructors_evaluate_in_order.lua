local log = {}
local function l(x) log[#log + 1] = x return x end
local t = {l(1), [l("k")] = l("v"), l(2), n = l(3)}
print(table.concat(log, " ")) --> 1 k v 2 3
