--? oracle python: the values are those of Python's integers
local big = require "bigint"
-- Long texts are compared by a sum over their bytes.
local function sum(s)
  local h = 0
  for i = 1, #s do h = (h * 31 + s:byte(i)) % 1000000007 end
  return h
end
local f = big.new(1)
for i = 1, 3000 do f = f * big.new(i) end
local s = tostring(f)
print(#s, sum(s), s:sub(1, 20))
--> 9131	687514847	41493596034378540855
print(big.new(s) == f, big.new(f:tostring(7), 7) == f, big.new(f:tostring(16), 16) == f)
--> true	true	true
local p, q = big.new(7) ^ 20000, big.new(3) ^ big.new(15001) + big.new(2)
print(#tostring(p), sum(tostring(p)))
--> 16902	9460170
print(#tostring(q), sum(tostring(q)))
--> 7158	670216340
print(#tostring(p * q), sum(tostring(p * q)))
--> 24060	716483561
print(#tostring(p / q), sum(tostring(p / q)))
--> 9745	436348902
print(#tostring(p % q), sum(tostring(p % q)))
--> 7157	76551381
print(#tostring((p * p - q) / p), sum(tostring((p * p - q) / p)))
--> 16902	9460169
print(#tostring(p * p * p % (q * q)), sum(tostring(p * p * p % (q * q))))
--> 14315	932482909
local x = big.new(2)
for i = 1, 12 do x = x * x end
print(#tostring(x), sum(tostring(x)), sum(x:tostring(3)))
--> 1234	281812047	837855497
