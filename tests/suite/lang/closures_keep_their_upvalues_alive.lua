local t = setmetatable({}, {__mode = "v"})
local f
do
  local o = {v = "alive"}
  t[1] = o
  f = function() return o.v end
end
collectgarbage()
print(f(), t[1] ~= nil) --> alive	true
f = nil
collectgarbage()
print(t[1]) --> nil
