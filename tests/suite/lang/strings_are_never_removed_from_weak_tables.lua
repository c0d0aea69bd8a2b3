local t = setmetatable({}, {__mode = "kv"})
t["key" .. 1] = "value" .. 2
t[1] = ("x"):rep(100)
collectgarbage()
print(t.key1, #t[1]) --> value2	100
