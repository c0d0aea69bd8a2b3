local N = ... or 30000
-- table.insert, remove, concat, unpack, pack, move and sort on arrays.
local check = 0
for round = 1, N do
  local t = {}
  for i = 1, 30 do table.insert(t, (i * 17 + round) % 31) end
  table.insert(t, 1, 99)
  table.insert(t, 15, 98)
  check = check + table.remove(t, 1) + table.remove(t)
  table.sort(t)
  local a, b, c = table.unpack(t, 1, 3)
  check = check + a + b * 2 + c * 3
  local p = table.pack(table.unpack(t))
  check = check + p.n
  table.move(p, 1, 10, 5)
  check = check + #table.concat(p, ",")
  while #t > 20 do table.remove(t) end
  check = check + #t
end
if N == 30000 then assert(check == 7456490) end
return check
