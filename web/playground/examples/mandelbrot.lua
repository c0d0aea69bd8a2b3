-- A picture made of characters, line by line: sleep lets you watch.

local shades = " .:-=+*#%@"

local function escape(cx, cy)
  local x, y = 0, 0
  for n = 1, 60 do
    x, y = x * x - y * y + cx, 2 * x * y + cy
    if x * x + y * y > 4 then return n end
  end
end

for row = -11, 11 do
  local line = {}
  for column = -44, 18 do
    local n = escape(column / 24 - 0.1, row / 10)
    local shade = n and math.floor(1 + (n / 60) ^ 0.6 * 9) or 10
    line[#line + 1] = shades:sub(shade, shade)
  end
  print(table.concat(line))
  sleep(0.04)
end
