local s = ""
for c = 0, 255 do s = s .. string.char(c) end
for _, class in ipairs{"a", "c", "d", "g", "l", "p", "s", "u", "w", "x"} do
  local _, n = s:gsub("%" .. class, "")
  local _, m = s:gsub("%" .. class:upper(), "")
  print(class, n, m)
end
--> a	52	204
--> c	33	223
--> d	10	246
--> g	94	162
--> l	26	230
--> p	32	224
--> s	6	250
--> u	26	230
--> w	62	194
--> x	22	234
