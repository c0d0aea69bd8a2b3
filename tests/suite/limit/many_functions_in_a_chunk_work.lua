local src = {}
for i = 1, 3000 do src[i] = "local function f() return " .. i .. " end s = s + f()" end
s = 0
assert(load("do " .. table.concat(src, " end do ") .. " end"))()
print(s) --> 4501500
