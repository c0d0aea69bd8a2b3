local N = ... or 6000000
-- The sieve of Eratosthenes: one large boolean array.
local flags = {}
for i = 2, N do flags[i] = true end
local i = 2
while i * i <= N do
  if flags[i] then for j = i * i, N, i do flags[j] = false end end
  i = i + 1
end
local count, last = 0, 0
for k = 2, N do if flags[k] then count, last = count + 1, k end end
if N == 6000000 then assert(count == 412849) end
return count
