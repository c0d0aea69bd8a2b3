local function c(n) return setmetatable({}, {__close = function() print("close", n) end}) end
for i = 1, 5 do
  local x <close> = c(i)
  if i == 2 then break end
end
--> close	1
--> close	2
print("after") --> after
