-- Constructors, and elements under each kind of key.
local t = {1, 2, 3, x = 4, ["y z"] = 5, [10] = 6, [-1] = 7, [2.5] = 8, [true] = 9; nil, 11}
print(#t, t.x, t["y z"], t[10], t[-1], t[2.5], t[true], t[4], t[5])
local key, index, far = "x", 2, 300
t[key] = 1 t[index] = "two" t[far] = "far" t.x = nil t.z = false t[1] = true t[255] = 1.5 t[256] = 2 t[0] = 0
t.name = "a constant" t[index] = key t[key] = index t[3] = nil t[key] = "k" t[far] = nil
print(t[key], t[index], t[far], t.x, t.z, t[1], t[255], t[256], t[0], t.name, t[3])
t.a_key_that_is_longer_than_forty_bytes_and_so_no_short_string = 1
print(t.a_key_that_is_longer_than_forty_bytes_and_so_no_short_string)
function t.f(...) return ... end
local function three() return 1, 2, 3 end
print(#{three()}, #{three(), three()}, #{(three())}, #{three(), nil}, #{t.f(1, 2), t.f()})
local list = {
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
  31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
  59, 60, x = 1, three()
}
print(#list, list[50], list[51], list[60], list[61], list[63], list.x)
local long = {
  1,1,1,1,1,1,1,1,1,1, 1,1,1,1,1,1,1,1,1,1, 1,1,1,1,1,1,1,1,1,1, 1,1,1,1,1,1,1,1,1,1, 1,1,1,1,1,1,1,1,1,1,
  2,2,2,2,2,2,2,2,2,2, 2,2,2,2,2,2,2,2,2,2, 2,2,2,2,2,2,2,2,2,2, 2,2,2,2,2,2,2,2,2,2, 2,2,2,2,2,2,2,2,2,2,
  3,3,3,3,3,3,3,3,3,3, 3,3,3,3,3,3,3,3,3,3, 3,3,3,3,3,3,3,3,3,3, 3,3,3,3,3,3,3,3,3,3, 3,3,3,3,3,3,3,3,3,3,
  4,4,4,4,4,4,4,4,4,4, 4,4,4,4,4,4,4,4,4,4, 4,4,4,4,4,4,4,4,4,4, 4,4,4,4,4,4,4,4,4,4, 4,4,4,4,4,4,4,4,4,4,
  5,5,5,5,5,5,5,5,5,5, 5,5,5,5,5,5,5,5,5,5, 5,5,5,5,5,5,5,5,5,5, 5,5,5,5,5,5,5,5,5,5, 5,5,5,5,5,5,5,5,5,5,
  6,6,6,6,6,6,6,6,6,6, 6,6,6,6,6,6,6,6,6,6, 6,6,6,6,6,6,6,6,6,6, 6,6,6,6,6,6,6,6,6,6, 6,6,6,6,6,6,6,6,6,6,
  7, y = 2, three(),
}
print(#long, long[255], long[256], long[257], long[300], long[301], long[304], long.y)
local nested = {a = {b = {c = {1, 2, {d = "deep"}}}}}
print(nested.a.b.c[3].d, #nested.a.b.c)
nested.a.b.c[3].d = nested.a.b.c[1] + nested.a.b.c[2]
print(nested.a.b.c[3].d)
local proxy = setmetatable({}, {__index = function(_, k) return k end, __newindex = function(_, k, v) rawset(_, k, {v}) end})
print(proxy.field, proxy[1], proxy[key], proxy[1.5], proxy[nil], proxy[300])
proxy.field = 1 proxy[1] = "k" proxy[key] = nil proxy[300] = key proxy[2] = nil
print(proxy.field[1], proxy[1][1], proxy[key][1], proxy[300][1], #proxy[2])
local up = {n = 0}
local function touch() up.n = up.n + 1 up[1] = up.n up[key] = "k" up.gone = nil return up.n, up[1], up[key] end
print(touch()) print(touch())
print(#"x" .. "y", "a" .. "b" .. "c" == "abc", "line\nbreak\0zero" == "line\nbreak\0zero")

--> 5	4	5	6	7	8	9	nil	11
--> k	x	nil	k	false	true	1.5	2	0	a constant	nil
--> 1
--> 3	4	1	1	1
--> 63	50	51	60	1	3	1
--> 304	6	6	6	6	7	3	2
--> deep	3
--> 3
--> field	1	x	1.5	nil	300
--> 1	k	nil	x	0
--> 1	1	k
--> 2	2	k
--> 1y	true	true
