local Cache = {}
Cache.__index = Cache
function Cache.new(capacity)
  local head, tail = {}, {}
  head.next, tail.prev = tail, head
  return setmetatable({capacity = capacity, size = 0, map = {}, head = head, tail = tail, hits = 0, misses = 0}, Cache)
end
local function unlink(n) n.prev.next, n.next.prev = n.next, n.prev end
function Cache:front(n)
  n.prev, n.next = self.head, self.head.next
  n.next.prev, self.head.next = n, n
end
function Cache:get(k)
  local n = self.map[k]
  if not n then self.misses = self.misses + 1 return nil end
  self.hits = self.hits + 1
  unlink(n)
  self:front(n)
  return n.value
end
function Cache:put(k, v)
  local n = self.map[k]
  if n then
    n.value = v
    unlink(n)
  else
    if self.size == self.capacity then
      local old = self.tail.prev
      unlink(old)
      self.map[old.key] = nil
      self.size = self.size - 1
    end
    n = {key = k, value = v}
    self.map[k] = n
    self.size = self.size + 1
  end
  self:front(n)
end
function Cache:keys()
  local t, n = {}, self.head.next
  while n ~= self.tail do t[#t + 1] = n.key n = n.next end
  return table.concat(t, " ")
end
local c = Cache.new(3)
c:put("a", 1) c:put("b", 2) c:put("c", 3)
print(c:keys(), c:get("a"), c:keys()) --> c b a	1	a c b
c:put("d", 4)
print(c:keys(), c:get("b"), c:get("d")) --> d a c	nil	4
c:put("a", 10)
print(c:keys(), c:get("a"), c.hits, c.misses) --> a d c	10	3	1
local big = Cache.new(50)
for i = 1, 1000 do
  local k = i * i % 83
  if not big:get(k) then big:put(k, i) end
end
print(big.hits, big.misses, big.size) --> 958	42	42
