-- A bank with two clerks: customers arrive and are served in order of arrival.
local Queue = {}
Queue.__index = Queue
function Queue.new() return setmetatable({first = 1, last = 0, items = {}}, Queue) end
function Queue:push(v) self.last = self.last + 1 self.items[self.last] = v end
function Queue:pop()
  if self.first > self.last then return nil end
  local v = self.items[self.first]
  self.items[self.first] = nil
  self.first = self.first + 1
  return v
end
function Queue:len() return self.last - self.first + 1 end

local seed = 12345
local function rnd(n) seed = (seed * 1103515245 + 12345) % 2147483648 return seed // 65536 % n + 1 end

local line = Queue.new()
local clerks = {{free_at = 0, served = 0}, {free_at = 0, served = 0}}
local waited, longest, arrived = 0, 0, 0
local next_arrival = rnd(4)
for minute = 1, 480 do
  while next_arrival == minute do
    arrived = arrived + 1
    line:push({id = arrived, at = minute, work = rnd(9)})
    next_arrival = next_arrival + rnd(4) - 1
  end
  if next_arrival < minute then next_arrival = minute + 1 end
  for _, clerk in ipairs(clerks) do
    if clerk.free_at <= minute and line:len() > 0 then
      local c = line:pop()
      waited = waited + (minute - c.at)
      clerk.free_at = minute + c.work
      clerk.served = clerk.served + 1
    end
  end
  if line:len() > longest then longest = line:len() end
end
print("arrived", arrived) --> arrived	320
print("served", clerks[1].served, clerks[2].served) --> served	102	83
print("longest line", longest, "still waiting", line:len()) --> longest line	135	still waiting	135
print(("mean wait %.2f"):format(waited / (clerks[1].served + clerks[2].served))) --> mean wait 111.07
assert(arrived == clerks[1].served + clerks[2].served + line:len())
