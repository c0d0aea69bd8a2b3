local function c(n) return setmetatable({}, {__close = function() print("close", n) end}) end
local i = 1
::again::
do
  local x <close> = c(i)
  i = i + 1
  if i <= 3 then goto again end
end
--> close	1
--> close	2
--> close	3
print("after") --> after
