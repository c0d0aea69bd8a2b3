local N = ... or 300000
-- A binary heap as a priority queue: array reads and writes, comparisons.
local heap, size = {}, 0
local function push(v)
  size = size + 1
  local i = size
  while i > 1 do
    local p = i // 2
    if heap[p] <= v then break end
    heap[i] = heap[p]
    i = p
  end
  heap[i] = v
end
local function pop()
  local top, v = heap[1], heap[size]
  heap[size] = nil
  size = size - 1
  if size > 0 then
    local i = 1
    while true do
      local c = 2 * i
      if c > size then break end
      if c < size and heap[c + 1] < heap[c] then c = c + 1 end
      if v <= heap[c] then break end
      heap[i] = heap[c]
      i = c
    end
    heap[i] = v
  end
  return top
end
local seed = 7
for _ = 1, N do
  seed = (seed * 16807) % 2147483647
  push(seed)
end
local check, last = 0, -1
for i = 1, N do
  local v = pop()
  assert(v >= last)
  last = v
  check = (check * 31 + v * i) % 1000000007
end
if N == 300000 then assert(check == 804349952) end
return check
