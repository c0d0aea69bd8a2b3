for w in ("one two three"):gmatch("%a+", 5) do print(w) end
--> two
--> three
for w in ("one two"):gmatch("%a+", -3) do print(w) end --> two
for _ in ("abc"):gmatch("%a", 10) do print("never") end
