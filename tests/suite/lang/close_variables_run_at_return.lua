local function f()
  local x <close> = setmetatable({}, {__close = function() print("closing") end})
  return "value", 2
end
print(f())
--> closing
--> value	2
