for i = 1, 0/0 do print("never") end
for i = 0, 0/0, 5 do print("never") end
print("done") --> done
