local N = ... or 12
-- N queens with three sets of taken lines: recursion and boolean arrays.
local cols, up, down = {}, {}, {}
for i = 1, N do cols[i] = false end
for i = 1, 2 * N do up[i], down[i] = false, false end
local found = 0
local function place(row)
  if row > N then found = found + 1 return end
  for c = 1, N do
    local u, d = row + c, row - c + N
    if not cols[c] and not up[u] and not down[d] then
      cols[c], up[u], down[d] = true, true, true
      place(row + 1)
      cols[c], up[u], down[d] = false, false, false
    end
  end
end
place(1)
local known = {1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200}
assert(found == (known[N] or found))
return found
