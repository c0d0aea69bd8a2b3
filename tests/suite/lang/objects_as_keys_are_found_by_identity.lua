local a, b, f, co = {}, {}, function() end, coroutine.create(print)
local t = {}
print(t[a], t[f], t[co]) --> nil	nil	nil
t[a], t[f], t[co], t[print] = 1, 2, 3, 4
print(t[a], t[b], t[f], t[co], t[print], t[io.stdout]) --> 1	nil	2	3	4	nil
t[a] = nil
print(t[a], next({[b] = true}) == b, rawget(t, f)) --> nil	true	2
for i = 1, 100 do t[{}] = i end
collectgarbage()
print(t[f], t[co], t[1.0], t[0.5], t[true]) --> 2	3	nil	nil	nil
t[1], t[0.5], t[true] = "one", "half", "yes"
print(t[1.0], t[0.5], t[true]) --> one	half	yes
print(pcall(function() return t[nil], t[0/0] end)) --> true	nil	nil
