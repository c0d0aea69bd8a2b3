local before = collectgarbage("count")
local s = ("x"):rep(4000000)
local with = collectgarbage("count")
print(with - before > 3900, math.type(with)) --> true	float
s = nil
collectgarbage() collectgarbage()
print(collectgarbage("count") - before < 100) --> true
