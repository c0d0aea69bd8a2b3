for i, v in ipairs({1, 2, nil, 4}) do print(i, v) end
--> 1	1
--> 2	2
for i, v in ipairs({}) do print("never") end
