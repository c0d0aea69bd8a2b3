local f
while true do
  local x = 1
  f = function() x = x + 1 return x end
  if f() == 2 then break end
end
local y = 50
print(f(), y) --> 3	50
