local names = {}
for i = 1, 200 do names[i] = "v" .. i end
local f = load("local " .. table.concat(names, ",") .. " = 1, 2 v200 = 7 return v1, v2, v3, v200")
print(f()) --> 1	2	nil	7
