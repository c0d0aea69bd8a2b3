local function solve(n)
  local cols, up, down, rows, count, first = {}, {}, {}, {}, 0, nil
  local function place(r)
    if r > n then
      count = count + 1
      first = first or table.concat(rows, " ")
      return
    end
    for c = 1, n do
      if not (cols[c] or up[r + c] or down[r - c]) then
        cols[c], up[r + c], down[r - c], rows[r] = true, true, true, c
        place(r + 1)
        cols[c], up[r + c], down[r - c] = nil, nil, nil
      end
    end
  end
  place(1)
  return count, first
end
for n = 4, 8 do print(n, solve(n)) end
--> 4	2	2 4 1 3
--> 5	10	1 3 5 2 4
--> 6	4	2 4 6 1 3 5
--> 7	40	1 3 5 7 2 4 6
--> 8	92	1 5 8 6 3 7 2 4
