for i = 1, 3 do
  for j = 1, 3 do
    if i * j == 4 then print(i, j) goto out end
  end
end --> 2	2
print("not reached")
::out::
print("out") --> out
