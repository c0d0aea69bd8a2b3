local N = ... or 20000000
-- Integer loops: add, multiply, modulo, bit operations, a branch.
local a, b, odd = 1, 0, 0
for i = 1, N do
  a = (a * 1103515245 + 12345) & 0x7fffffff
  b = b ~ (a >> 3)
  if a % 2 == 1 then odd = odd + 1 end
end
local check = a * 31 + b + odd
if N == 20000000 then assert(check == 54579209823) end
return check
