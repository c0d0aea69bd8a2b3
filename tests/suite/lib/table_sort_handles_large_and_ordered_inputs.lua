local function sorted(t) for i = 2, #t do if t[i - 1] > t[i] then return false end end return true end
local up, down, same, saw = {}, {}, {}, {}
for i = 1, 2000 do up[i], down[i], same[i], saw[i] = i, 2000 - i, 7, i * 7919 % 2003 end
for _, t in ipairs{up, down, same, saw, {}, {1}, {2, 1}} do table.sort(t) print(#t, sorted(t)) end
--> 2000	true
--> 2000	true
--> 2000	true
--> 2000	true
--> 0	true
--> 1	true
--> 2	true
