local function worker(name, n) return coroutine.create(function() for i = 1, n do coroutine.yield(name .. i) end end) end
local a, b = worker("a", 2), worker("b", 3)
local out = {}
repeat
  local _, x = coroutine.resume(a)
  local _, y = coroutine.resume(b)
  out[#out + 1] = tostring(x) .. tostring(y)
until coroutine.status(a) == "dead" and coroutine.status(b) == "dead"
print(table.concat(out, " ")) --> a1b1 a2b2 nilb3 cannot resume dead coroutinenil
