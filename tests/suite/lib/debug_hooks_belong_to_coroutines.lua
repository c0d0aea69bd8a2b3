local events = {}
local function hook(event, line) events[#events + 1] = event .. (line or "") end
local co = coroutine.create(function(a)
  local b = coroutine.yield(a)
  return b
end)
debug.sethook(co, hook, "l")
print(debug.gethook()) --> nil
print(select(2, debug.gethook(co))) --> l	0
coroutine.resume(co, 1)
local x = 1
coroutine.resume(co, 2)
print(table.concat(events, " ")) --> line4 line5
local inside
debug.sethook(hook, "l")
coroutine.wrap(function() inside = debug.gethook() end)()
debug.sethook()
print(inside) --> nil
