local N = ... or 400000
-- A small operating system: tasks of several kinds, packets, priorities, a device with an answer.
local Task = {}
Task.__index = Task
local tasks = {}
local trace, handled, held = 0, 0, 0
local function new_task(id, priority, run)
  local t = setmetatable({id = id, priority = priority, run = run, queue = nil, state = "ready", work = 0}, Task)
  tasks[#tasks + 1] = t
  table.sort(tasks, function(a, b) return a.priority > b.priority end)
  return t
end
function Task:put(packet)
  packet.link = nil
  if not self.queue then self.queue = packet
  else
    local q = self.queue
    while q.link do q = q.link end
    q.link = packet
  end
  if self.state == "waiting" then self.state = "ready" end
end
function Task:take()
  local p = self.queue
  if p then self.queue = p.link p.link = nil end
  return p
end
function Task:wait() self.state = "waiting" held = held + 1 end
local idle, worker, device, handler
worker = new_task("worker", 30, function(self)
  local p = self:take()
  if not p then return self:wait() end
  for i = 1, 4 do
    self.work = self.work % 26 + 1
    p.data[i] = self.work
  end
  handler:put(p)
end)
handler = new_task("handler", 20, function(self)
  local p = self:take()
  if not p then return self:wait() end
  p.step = p.step + 1
  if p.step > 4 then
    handled = handled + 1
    p.step = 0
    worker:put(p)
  else device:put(p) end
end)
device = new_task("device", 10, function(self)
  local p = self:take()
  if not p then return self:wait() end
  trace = (trace * 3 + p.data[p.step]) % 65521
  handler:put(p)
end)
local ticks, made = N, 0
idle = new_task("idle", 0, function(self)
  ticks = ticks - 1
  if ticks % 16 == 0 and made < 12 then
    made = made + 1
    worker:put({data = {0, 0, 0, 0}, step = 0})
  end
  if ticks == 0 then self.state = "stopped" end
end)
local limit = N * 4
while idle.state ~= "stopped" and limit > 0 do
  limit = limit - 1
  for i = 1, #tasks do
    local t = tasks[i]
    if t.state == "ready" then t:run() if t ~= idle then break end end
  end
  if limit % 3 == 0 and idle.state == "ready" then idle:run() end
end
local check = trace + handled * 10 + held
if N == 400000 then assert(check == 1205125) end
return check
