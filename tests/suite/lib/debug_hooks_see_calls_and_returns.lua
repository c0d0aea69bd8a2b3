local events = {}
local function hook(event)
  local info = debug.getinfo(2, "nt")
  events[#events + 1] = event .. " " .. tostring(info.name)
end
local function leaf(n) return n end
local function tail(n) return leaf(n) end
local mt = {__add = function(a) return a end}
local object = setmetatable({}, mt)
local function f()
  local x = tail(1)
  x = object + 1
  x = #"abc" + math.abs(-1)
  for i = 1, 1 do x = leaf(x) end
  return x
end
debug.sethook(hook, "cr")
f()
debug.sethook()
print(table.concat(events, ", ")) --> return sethook, call f, call tail, tail call nil, return nil, call add, return add, call abs, return abs, call leaf, return leaf, return f, call sethook
print(debug.gethook()) --> nil
events = {}
debug.sethook(hook, "c")
pcall(error, "x")
for _ in pairs({1}) do end
debug.sethook()
print(table.concat(events, ", ")) --> call pcall, call nil, call pairs, call for iterator, call for iterator, call sethook
