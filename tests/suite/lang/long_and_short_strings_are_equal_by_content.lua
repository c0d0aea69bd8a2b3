local a = ("x"):rep(100)
local b = ("x"):rep(50) .. ("x"):rep(50)
local t = {[a] = "found"}
print(a == b, t[b], a < b, a <= b) --> true	found	false	true
