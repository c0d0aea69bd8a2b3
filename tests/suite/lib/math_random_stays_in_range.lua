for i = 1, 1000 do
  local r, n, m = math.random(), math.random(6), math.random(-3, 3)
  assert(r >= 0 and r < 1 and n >= 1 and n <= 6 and m >= -3 and m <= 3)
  assert(math.type(n) == "integer" and math.type(r) == "float")
end
print("ok") --> ok
