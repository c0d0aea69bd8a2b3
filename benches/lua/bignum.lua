local N = ... or 1400
-- Integers of any size as tables of digits: factorials, powers, division by small numbers, decimal text.
local BASE, WIDTH = 10000000, 7
local Big = {}
Big.__index = Big

local function new(n)
  local self, i = setmetatable({}, Big), 1
  repeat
    self[i], n, i = n % BASE, n // BASE, i + 1
  until n == 0
  return self
end
local function trim(a)
  local n = #a
  while n > 1 and a[n] == 0 do a[n], n = nil, n - 1 end
  return a
end
function Big.__add(a, b)
  if #a < #b then a, b = b, a end
  local sum, carry = setmetatable({}, Big), 0
  for i = 1, #a do
    local digit = a[i] + (b[i] or 0) + carry
    if digit >= BASE then sum[i], carry = digit - BASE, 1 else sum[i], carry = digit, 0 end
  end
  if carry > 0 then sum[#a + 1] = carry end
  return sum
end
function Big.__sub(a, b)
  local difference, borrow = setmetatable({}, Big), 0
  for i = 1, #a do
    local digit = a[i] - (b[i] or 0) - borrow
    if digit < 0 then difference[i], borrow = digit + BASE, 1 else difference[i], borrow = digit, 0 end
  end
  return trim(difference)
end
function Big.__mul(a, b)
  if type(b) == "number" then b = new(b) end
  local product = setmetatable({}, Big)
  for i = 1, #a + #b do product[i] = 0 end
  for i = 1, #a do
    local carry, x = 0, a[i]
    for j = 1, #b do
      local digit = product[i + j - 1] + x * b[j] + carry
      carry = digit // BASE
      product[i + j - 1] = digit - carry * BASE
    end
    product[i + #b] = product[i + #b] + carry
  end
  return trim(product)
end
function Big.__idiv(a, n)
  local quotient, rest = setmetatable({}, Big), 0
  for i = #a, 1, -1 do
    local digit = rest * BASE + a[i]
    quotient[i], rest = digit // n, digit % n
  end
  return trim(quotient), rest
end
function Big.__eq(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end
function Big.__tostring(a)
  local parts = {tostring(a[#a])}
  for i = #a - 1, 1, -1 do parts[#parts + 1] = ("%07d"):format(a[i]) end
  return table.concat(parts)
end

local function power(a, n)
  local result = new(1)
  while n > 0 do
    if n % 2 == 1 then result = result * a end
    a, n = a * a, n // 2
  end
  return result
end

local factorial = new(1)
for i = 2, N do factorial = factorial * i end
local back = factorial
for i = N, 2, -1 do back = back // i end
assert(back == new(1))
local a, b = new(0), new(1)
for _ = 1, N * 8 do a, b = b, a + b end
-- Cassini: F(n-1) F(n+1) = F(n)^2 + 1 for even n.
assert(a * a + new(1) == (b - a) * b)
local p = power(new(3), N * 4)
assert(p == power(new(81), N) and tostring(p):match("1$"))
local text, digits = tostring(factorial) .. tostring(a) .. tostring(p), 0
for digit in text:gmatch("%d") do digits = digits + digit end
assert(tostring(power(new(2), 100)) == "1267650600228229401496703205376")
return #text .. "/" .. digits
