local src = {"local x = ... if x == 0 then return 'zero'"}
for i = 1, 2000 do src[#src + 1] = " elseif x == " .. i .. " then return 'v" .. i .. "'" end
src[#src + 1] = " else return 'other' end"
local f = load(table.concat(src))
print(f(0), f(1), f(2000), f(2001)) --> zero	v1	v2000	other
