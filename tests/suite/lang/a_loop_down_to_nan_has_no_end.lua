-- With an integer start, NaN is clipped to an end of the integers, always the lower one.
local r = {}
for i = 3, 0/0, -1 do r[#r + 1] = i if i < 0 then break end end
print(table.concat(r, ' ')) --> 3 2 1 0 -1
for i = 3, 0/0 do print(i) end
for i = 3.0, 0/0, -1 do print(i) end --> 3.0
