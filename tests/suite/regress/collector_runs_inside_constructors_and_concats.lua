collectgarbage("setpause", 100)
local t
for i = 1, 2000 do
  t = {tostring(i) .. "a", {i, {tostring(i)}}, function() return i end}
  local s = t[1] .. t[2][2][1] .. "x" .. i
  if i % 500 == 0 then collectgarbage() print(s, t[3]()) end
end
--> 500a500x500	500
--> 1000a1000x1000	1000
--> 1500a1500x1500	1500
--> 2000a2000x2000	2000
