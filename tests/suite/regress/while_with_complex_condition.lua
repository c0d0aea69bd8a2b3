local i, j = 0, 10
while i < j and not (i == 7) or i == 100 do i = i + 1 end
print(i) --> 7
repeat local k = i i = i - 1 until k <= 3 or (k < 0 and true)
print(i) --> 2
