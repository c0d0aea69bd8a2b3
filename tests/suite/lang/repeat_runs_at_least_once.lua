local n = 10
repeat n = n + 1 until true
print(n) --> 11
