for i = 1, 3 do local k = i i = i * 10 print(k, i) end
--> 1	10
--> 2	20
--> 3	30
