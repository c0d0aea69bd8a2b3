-- Keys that moved from the hash part to the array part leave dead entries behind; a key that comes back must not
-- revive one, or the length misses it.
local t = {}
for i = 16, 1, -1 do
  t[i] = i
end
for n = 16, 9, -1 do
  t[n] = nil
  assert(#t == n - 1)
end
for n = 9, 16 do
  t[n] = n
  assert(#t == n, n)
end
local u = {}
u[9] = 0 u[1] = 0 u[25] = 0 u[2] = 0 u[10] = 0 u[11] = 0 u[18] = 0 u[3] = 0 u[0] = 0 u[4] = 0
u[4] = nil
u[-1] = 0 u[4] = 0 u.x = 0 u[12] = 0 u[5] = 0 u[7] = 0 u[6] = 0
print(#u)
u[#u] = nil
u[#u + 1] = 0
print(#u == 7 or #u == 12)
--> 7
--> true
