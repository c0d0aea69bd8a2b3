local function closer() return setmetatable({}, {__close = function() print("closed") end}) end
local function f()
  for i in function(_, c) return c + 1 end, nil, 0, closer() do return i, "result" end
end
print(f())
--> closed
--> 1	result
