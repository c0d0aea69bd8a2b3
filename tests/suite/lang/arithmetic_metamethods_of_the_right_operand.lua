local mt = {}
for _, n in ipairs{"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr"} do
  mt["__" .. n] = function(a, b) return n .. " " .. tostring(a) end
end
local v = setmetatable({}, mt)
print(2 + v, 2 - v, 2 * v, 2 / v) --> add 2	sub 2	mul 2	div 2
print(2 % v, 2 ^ v, 2 // v) --> mod 2	pow 2	idiv 2
print(2 & v, 2 | v, 2 ~ v, 2 << v, 2 >> v) --> band 2	bor 2	bxor 2	shl 2	shr 2
print("s" + v, 1.5 & v, nil + v) --> add s	band 1.5	add nil
