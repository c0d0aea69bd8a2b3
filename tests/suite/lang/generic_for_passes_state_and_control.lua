local function iter(s, c) print(s, c) if c < 2 then return c + 1 end end
for v in iter, "state", 0 do end
--> state	0
--> state	1
--> state	2
