-- Coroutines: two producers take turns, and nobody waits for anybody.

local function counter(name, from, to)
  return coroutine.wrap(function()
    for i = from, to do
      coroutine.yield(name, i)
    end
  end)
end

local turns = { counter("up", 1, 4), counter("high", 100, 102) }

while #turns > 0 do
  for i = #turns, 1, -1 do
    local name, n = turns[i]()
    if name then
      print(name, n)
    else
      table.remove(turns, i)
    end
  end
end
