local mt = {}
local function v(s) return setmetatable({s = s}, mt) end
function mt.__concat(a, b) return v("(" .. a.s .. "," .. b.s .. ")") end
local r = v"a" .. v"b" .. v"c"
print(r.s) --> (a,(b,c))
print(1 .. 2 .. 3) --> 123
