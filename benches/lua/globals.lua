local N = ... or 10000000
-- Global variables and library functions reached through the global table.
counter = 0
limit = 10
function bump(n) counter = counter + n end
for i = 1, N do
  if i % limit == 0 then bump(2) else counter = counter + 1 end
end
local floor_sum = 0
for i = 1, N // 4 do floor_sum = floor_sum + math.floor(i / 3) end
assert(counter == N + N // 10)
return counter + floor_sum
