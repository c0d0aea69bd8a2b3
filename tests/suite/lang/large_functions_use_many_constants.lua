local parts = {}
for i = 1, 400 do parts[i] = ("t.k%d = %d.5 + s(%q)"):format(i, i, "v" .. i) end
local src = "local t, s = {}, function(x) return #x end " .. table.concat(parts, " ") .. " return t"
local t = load(src)()
print(t.k1, t.k9, t.k10, t.k99, t.k100, t.k399, t.k400) --> 3.5	11.5	13.5	102.5	104.5	403.5	404.5
