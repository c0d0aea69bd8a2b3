local N = ... or 3000000
-- Tables with integer keys: append, read back, sparse keys, deletion.
local t = {}
for i = 1, N do t[i] = i ~ 5 end
local sum = 0
for i = 1, #t do sum = sum + t[i] end
local sparse = {}
for i = 1, N // 4 do sparse[(i * 7919) % 1000003] = i end
for i = 1, N // 8 do sparse[(i * 7919) % 1000003] = nil end
local left = 0
for _, v in pairs(sparse) do left = left + v end
while #t > N // 2 do t[#t] = nil end
local check = sum + left + #t
if N == 3000000 then assert(check == 4710940687500) end
return check
