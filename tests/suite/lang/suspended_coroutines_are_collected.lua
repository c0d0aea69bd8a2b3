local t = setmetatable({}, {__mode = "v"})
do
  local co = coroutine.create(function(x) local y = x coroutine.yield() return y end)
  coroutine.resume(co, co)
  t[1] = co
end
collectgarbage()
print(t[1]) --> nil
