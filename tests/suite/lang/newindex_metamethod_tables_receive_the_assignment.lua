local store = {}
local t = setmetatable({}, {__newindex = store})
t.x = 1
t[1] = "one"
print(rawget(t, "x"), store.x, store[1]) --> nil	1	one
