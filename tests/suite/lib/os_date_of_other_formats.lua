print(os.date("") == "", os.date("!") == "", os.date("\0\0") == "\0\0", os.date(1)) --> true	true	true	1
local long = ("a"):rep(10000)
print(os.date(long) == long, os.date(("%"):rep(200)) == ("%"):rep(100)) --> true	true
print(os.date("!%d", 0):rep(3) == os.date(("!" .. ("%d"):rep(3)), 0)) --> true
print(os.date("!%H\0%M", 3660) == "01\00001") --> true
