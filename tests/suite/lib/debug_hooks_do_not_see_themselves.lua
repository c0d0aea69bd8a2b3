local depth, deepest = 0, 0
local name
local function hook()
  depth = depth + 1
  deepest = math.max(deepest, depth)
  local info = debug.getinfo(1, "n")
  name = info.namewhat .. " " .. info.name
  local x = tostring(1)
  depth = depth - 1
end
debug.sethook(hook, "crl")
local y = tostring(2)
debug.sethook()
print(deepest, name) --> 1	hook ?
print(getmetatable(debug.getregistry()._HOOKKEY).__mode) --> k
-- An error in a hook is one of the hooked function; afterwards hooks go on.
local n, armed = 0, false
debug.sethook(function(event, line) n = n + 1 if armed then armed = false error("in hook", 0) end end, "l")
local ok, message = pcall(function()
  local a = 1
  armed = true
  return a
end)
debug.sethook()
print(ok, message, n > 3) --> false	in hook	true
