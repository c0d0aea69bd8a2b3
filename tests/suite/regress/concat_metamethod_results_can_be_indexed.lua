--? oracle 5.4.8: 5.4.4 takes the field of a wrong table, or crashes
local mt = {}
mt.__concat = function(a, b)
  local s = "(" .. (a.s or a) .. "," .. (b.s or b) .. ")"
  return setmetatable({s = s}, mt)
end
local function v(s) return setmetatable({s = s}, mt) end
print((v"a" .. v"b" .. v"c").s) --> (a,(b,c))
print(#(v"a" .. v"b" .. v"c" .. v"d").s) --> 13
