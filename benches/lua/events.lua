local N = ... or 250000
-- An event queue whose processes are coroutines: they sleep, send and receive.
local queue, count, now, order = {}, 0, 0, 0
local function before(a, b) return a.at < b.at or a.at == b.at and a.order < b.order end
local function schedule(delay, co, value)
  order = order + 1
  local e = {at = now + delay, order = order, co = co, value = value}
  count = count + 1
  local i = count
  while i > 1 and before(e, queue[i // 2]) do
    queue[i] = queue[i // 2]
    i = i // 2
  end
  queue[i] = e
end
local function take()
  local top, last = queue[1], queue[count]
  queue[count] = nil
  count = count - 1
  if count > 0 then
    local i = 1
    while 2 * i <= count do
      local c = 2 * i
      if c < count and before(queue[c + 1], queue[c]) then c = c + 1 end
      if not before(queue[c], last) then break end
      queue[i] = queue[c]
      i = c
    end
    queue[i] = last
  end
  return top
end
local function sleep(n) schedule(n, coroutine.running()) return coroutine.yield() end
local inbox, waiting = {}, {}
local function receive(name)
  local box = inbox[name]
  if #box > 0 then return table.remove(box, 1) end
  waiting[name] = coroutine.running()
  return coroutine.yield()
end
local function send(name, v)
  local co = waiting[name]
  if co then
    waiting[name] = nil
    schedule(0, co, v)
  else table.insert(inbox[name], v) end
end
local received, sum = 0, 0
for p = 1, 8 do
  inbox[p] = {}
  schedule(0, coroutine.create(function()
    while true do
      local v = receive(p)
      received = received + 1
      sum = (sum * 7 + v * p) % 1000003
    end
  end))
end
for s = 1, 4 do
  schedule(s, coroutine.create(function()
    for i = 1, N // 4 do
      sleep(s + i % 3)
      send((i + s) % 8 + 1, i)
    end
  end))
end
while count > 0 do
  local e = take()
  now = e.at
  assert(coroutine.resume(e.co, e.value))
end
assert(received == N // 4 * 4)
local check = sum + now
if N == 250000 then assert(check == 627034) end
return check
