for i = 1, 2 do
  for j = 1, 10 do
    if j == 3 then break end
    print(i, j)
  end
end
--> 1	1
--> 1	2
--> 2	1
--> 2	2
