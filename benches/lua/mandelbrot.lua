local N = ... or 700
-- Float arithmetic: iterations of the Mandelbrot set over an N by N grid.
local total = 0
for y = 0, N - 1 do
  local ci = 2.0 * y / N - 1.0
  for x = 0, N - 1 do
    local cr = 2.0 * x / N - 1.5
    local zr, zi, n = 0.0, 0.0, 0
    local r2, i2 = 0.0, 0.0
    while n < 50 and r2 + i2 <= 4.0 do
      zi = 2.0 * zr * zi + ci
      zr = r2 - i2 + cr
      r2, i2 = zr * zr, zi * zi
      n = n + 1
    end
    total = total + n
  end
end
if N == 700 then assert(total == 11957866) end
return total
