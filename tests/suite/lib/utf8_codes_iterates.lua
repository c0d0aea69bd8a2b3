for p, c in utf8.codes("aä€") do print(p, c) end
--> 1	97
--> 2	228
--> 4	8364
for _ in utf8.codes("") do print("never") end
