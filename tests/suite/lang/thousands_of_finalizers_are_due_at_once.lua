-- Marking goes on in steps after so many have been found, while weak tables and coroutines change.
local N = 3000
local by_value, by_key = setmetatable({}, {__mode = "v"}), setmetatable({}, {__mode = "k"})
local order, wrong, seen_values = {}, 0, 0
local meta = {__gc = function(object)
  if object.part.of ~= object.n or by_key[object] ~= nil and by_key[object].n ~= object.n then wrong = wrong + 1 end
  if by_value[object.n] ~= nil then seen_values = seen_values + 1 end
  order[#order + 1] = object.n
end}

local kept = {}
local holder = coroutine.wrap(function()
  local mine = {"held by a coroutine"}
  while true do
    mine = {mine[1], before = mine}
    if coroutine.yield(mine) == "forget" then mine = {mine[1]} end
  end
end)

local function round(collect)
  collectgarbage("stop")
  local all = {}
  for n = 1, N do
    local object = {n = n, part = {of = n}}
    all[n] = object
    by_value[n], by_key[object] = object, {n = n, object = object}
    setmetatable(object, meta)
    if n % 1000 == 0 then kept[#kept + 1] = object end
  end
  all = nil
  collect()
end

round(function()
  collectgarbage("restart")
  collectgarbage() collectgarbage()
end)
print(#order, wrong, seen_values) --> 2997	0	0
local falls = true
for i = 2, #order do falls = falls and order[i] < order[i - 1] end
print(falls) --> true

-- In steps, with stores in between.
order = {}
round(function()
  local store = {}
  for i = 1, 2000 do
    store = {store, holder("go"), kept = store[3]}
    by_value[N + i], by_key[store] = store, {store}
    if i % 100 == 0 then store = {} holder("forget") end
    collectgarbage("step", 1)
  end
  collectgarbage("restart")
  collectgarbage() collectgarbage()
end)
print(#order, wrong, seen_values) --> 2997	0	0
print(holder("go")[1], #kept) --> held by a coroutine	6
for i, object in ipairs(kept) do
  assert(object.part.of == object.n and by_key[object].n == object.n)
end
kept = nil
collectgarbage() collectgarbage()
print(#order, wrong) --> 3003	0
