local src = {}
for i = 1, 127 do src[#src + 1] = "local a" .. i .. " = " .. i end
src[#src + 1] = "local function g()"
for i = 1, 127 do src[#src + 1] = "local b" .. i .. " = " .. i end
src[#src + 1] = "local function h() return 0"
for i = 1, 127 do src[#src + 1] = " + a" .. i .. " + b" .. i end
src[#src + 1] = " end return h() end return g()"
print(load(table.concat(src, " "))()) --> 16256
