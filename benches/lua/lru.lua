local N = ... or 1400000
-- A cache that forgets the least recently used entry: linked list and hash table of objects.
local capacity, size, map = 200, 0, {}
local head, tail = {}, {}
head.next, tail.prev = tail, head
local function unlink(n) n.prev.next, n.next.prev = n.next, n.prev end
local function to_front(n)
  local f = head.next
  n.prev, n.next, f.prev, head.next = head, f, n, n
end
local hits, seed = 0, 99
for i = 1, N do
  seed = (seed * 48271) % 2147483647
  local key = "k" .. (seed % 17) * (seed % 23)
  local n = map[key]
  if n then
    hits = hits + 1
    n.value = n.value + 1
    unlink(n)
  else
    if size == capacity then
      local old = tail.prev
      unlink(old)
      map[old.key] = nil
      size = size - 1
    end
    n = {key = key, value = i % 10}
    map[key] = n
    size = size + 1
  end
  to_front(n)
end
local sum, n = 0, head.next
while n ~= tail do sum, n = sum + n.value, n.next end
local check = hits * 10 + sum % 1000
if N == 1400000 then assert(check == 13999004) end
return check
