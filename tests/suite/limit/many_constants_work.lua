local src = {"local t = {}"}
for i = 1, 70000 do src[#src + 1] = "t[" .. i .. "] = 'c" .. i .. "'" end
src[#src + 1] = "return t"
local chunks = {}
local t = load("local t = {" .. ("'x',"):rep(70000) .. "} return t")()
print(#t) --> 70000
local f, e = load(table.concat(src, " "))
t = f()
print(#t, t[1], t[70000]) --> 70000	c1	c70000
