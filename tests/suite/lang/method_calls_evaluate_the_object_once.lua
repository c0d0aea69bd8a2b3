local n = 0
local o = {m = function(self, a) return a end}
local function get() n = n + 1 return o end
print(get():m("x"), n) --> x	1
