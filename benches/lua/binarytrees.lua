local N = ... or 17
-- Many short-lived trees beside one long-lived one: allocation and collection.
local function grow(depth)
  if depth == 0 then return {} end
  return {grow(depth - 1), grow(depth - 1)}
end
local function count(t)
  if not t[1] then return 1 end
  return 1 + count(t[1]) + count(t[2])
end
local long = grow(N)
local total = 0
for depth = 4, N, 3 do
  for _ = 1, 1 << (N - depth) do
    local nodes = count(grow(depth))
    assert(nodes == (2 << depth) - 1)
    total = total + nodes
  end
end
assert(count(long) == (2 << N) - 1)
return total
