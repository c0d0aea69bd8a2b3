local N = ... or 300
-- Matrix product: nested tables, float multiply and add.
local function make(seed)
  local m = {}
  for i = 1, N do
    local row = {}
    for j = 1, N do row[j] = ((i * seed + j * 7) % 11 - 5) * 0.5 end
    m[i] = row
  end
  return m
end
local a, b = make(3), make(5)
local bt = {}
for j = 1, N do
  local col = {}
  for i = 1, N do col[i] = b[i][j] end
  bt[j] = col
end
local c = {}
for i = 1, N do
  local row, ai = {}, a[i]
  for j = 1, N do
    local s, bj = 0.0, bt[j]
    for k = 1, N do s = s + ai[k] * bj[k] end
    row[j] = s
  end
  c[i] = row
end
local trace = 0.0
for i = 1, N do trace = trace + c[i][i] + c[i][N + 1 - i] end
if N == 300 then assert(trace == 128.0) end
return trace
