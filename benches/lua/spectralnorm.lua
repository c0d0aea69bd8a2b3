local N = ... or 400
-- The largest singular value of an endless matrix, cut to N by N: float loops over arrays.
local function a(i, j)
  local s = i + j
  return 1.0 / (s * (s + 1) / 2 + i + 1)
end
local function times(v, out)
  for i = 0, N - 1 do
    local s = 0.0
    for j = 0, N - 1 do s = s + a(i, j) * v[j + 1] end
    out[i + 1] = s
  end
end
local function transposed_times(v, out)
  for i = 0, N - 1 do
    local s = 0.0
    for j = 0, N - 1 do s = s + a(j, i) * v[j + 1] end
    out[i + 1] = s
  end
end
local u, v, t = {}, {}, {}
for i = 1, N do u[i] = 1.0 end
for _ = 1, 10 do
  times(u, t) transposed_times(t, v)
  times(v, t) transposed_times(t, u)
end
local uv, vv = 0.0, 0.0
for i = 1, N do uv, vv = uv + u[i] * v[i], vv + v[i] * v[i] end
local check = ("%.9f"):format(math.sqrt(uv / vv))
if N == 400 then assert(check == "1.274224081") end
return check
