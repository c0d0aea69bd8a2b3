local names = {"add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor", "bxor", "shl", "shr"}
local mt = {}
for _, n in ipairs(names) do mt["__" .. n] = function(a, b) return n .. " " .. tostring(b) end end
local v = setmetatable({}, mt)
print(v + 1, v - 1, v * 1, v / 1) --> add 1	sub 1	mul 1	div 1
print(v % 1, v ^ 1, v // 1) --> mod 1	pow 1	idiv 1
print(v & 1, v | 1, v ~ 1, v << 1, v >> 1) --> band 1	bor 1	bxor 1	shl 1	shr 1
