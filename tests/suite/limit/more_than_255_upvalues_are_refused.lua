local src = {}
for i = 1, 150 do src[#src + 1] = "local a" .. i end
src[#src + 1] = "local function g()"
for i = 1, 150 do src[#src + 1] = "local b" .. i end
src[#src + 1] = "local function h() return 0"
for i = 1, 150 do src[#src + 1] = " + a" .. i .. " + b" .. i end
src[#src + 1] = " end end"
print(load(table.concat(src, " "), "=c")) --> nil	c:1: too many upvalues (limit is 255) in function at line 1 near '+'
