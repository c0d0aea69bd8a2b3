math.randomseed(1)
local a = math.random(0)
math.randomseed(2)
local b = math.random(0)
math.randomseed(1)
print(a ~= b, a == math.random(0)) --> true	true
