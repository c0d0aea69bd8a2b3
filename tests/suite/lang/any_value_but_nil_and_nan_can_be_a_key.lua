local f, t2, co = function() end, {}, coroutine.create(print)
local t = {[f] = 1, [t2] = 2, [co] = 3, [true] = 4, [false] = 5, [""] = 6, [print] = 7}
print(t[f], t[t2], t[co], t[true], t[false], t[""], t[print], t[{}]) --> 1	2	3	4	5	6	7	nil
