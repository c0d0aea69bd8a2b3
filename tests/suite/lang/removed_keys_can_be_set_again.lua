local t = {}
for round = 1, 3 do
  for i = 1, 1000 do t["k" .. i] = i + round end
  for i = 1, 1000, 2 do t["k" .. i] = nil end
end
local n = 0
for _ in pairs(t) do n = n + 1 end
print(n, t.k2, t.k1) --> 500	5	nil
