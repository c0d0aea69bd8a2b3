local parts = {}
for i = 1, 5000 do parts[i] = tostring(i) end
local t = load("return {" .. table.concat(parts, ",") .. "}")()
print(#t, t[1], t[50], t[51], t[4999], t[5000]) --> 5000	1	50	51	4999	5000
