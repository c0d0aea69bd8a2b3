local N = ... or 9
-- Pancake flips over all permutations of N: integer arrays, swaps.
local perm, work, count = {}, {}, {}
for i = 1, N do perm[i], count[i] = i, i end
local most, checksum, index, r = 0, 0, 0, N
while true do
  for i = 1, N do work[i] = perm[i] end
  local flips, first = 0, work[1]
  while first ~= 1 do
    local lo, hi = 1, first
    while lo < hi do
      work[lo], work[hi] = work[hi], work[lo]
      lo, hi = lo + 1, hi - 1
    end
    flips = flips + 1
    first = work[1]
  end
  if flips > most then most = flips end
  checksum = checksum + (index % 2 == 0 and flips or -flips)
  index = index + 1
  -- Next permutation, counting in the factorial number system.
  local k = 2
  while true do
    if k > N then
      if N == 9 then assert(checksum * 100 + most == 862930) end
      return checksum * 100 + most
    end
    local head = perm[1]
    for i = 1, k - 1 do perm[i] = perm[i + 1] end
    perm[k] = head
    count[k] = count[k] - 1
    if count[k] > 0 then break end
    count[k] = k
    k = k + 1
  end
end
