local mt = {}
for _, n in ipairs{"add", "sub", "mul", "div", "mod", "pow", "idiv", "unm", "band", "bor", "bxor", "shl", "shr", "bnot"} do
  mt["__" .. n] = function() return coroutine.yield(n) end
end
local v = setmetatable({}, mt)
local co = coroutine.wrap(function()
  return v + 1, v - 1, v * 1, v / 1, v % 1, v ^ 1, v // 1, -v, v & 1, v | 1, v ~ 1, v << 1, v >> 1, ~v
end)
local out, r = {}, co()
for i = 1, 13 do out[i] = r r = co(i) end
print(table.concat(out, " "), r) --> add sub mul div mod pow idiv unm band bor bxor shl shr	bnot
print(co(14)) --> 1	2	3	4	5	6	7	8	9	10	11	12	13	14
