local Matrix = {}
Matrix.__index = Matrix
local function matrix(rows) return setmetatable(rows, Matrix) end
function Matrix.identity(n)
  local m = {}
  for i = 1, n do
    m[i] = {}
    for j = 1, n do m[i][j] = i == j and 1 or 0 end
  end
  return matrix(m)
end
function Matrix.__add(a, b)
  local m = {}
  for i = 1, #a do
    m[i] = {}
    for j = 1, #a[1] do m[i][j] = a[i][j] + b[i][j] end
  end
  return matrix(m)
end
function Matrix.__mul(a, b)
  if type(a) == "number" then a, b = b, a end
  local m = {}
  for i = 1, #a do
    m[i] = {}
    if type(b) == "number" then
      for j = 1, #a[1] do m[i][j] = a[i][j] * b end
    else
      for j = 1, #b[1] do
        local s = 0
        for k = 1, #b do s = s + a[i][k] * b[k][j] end
        m[i][j] = s
      end
    end
  end
  return matrix(m)
end
function Matrix.__pow(a, n)
  local r = Matrix.identity(#a)
  while n > 0 do
    if n % 2 == 1 then r = r * a end
    a, n = a * a, n // 2
  end
  return r
end
function Matrix.__eq(a, b)
  for i = 1, #a do for j = 1, #a[1] do if a[i][j] ~= b[i][j] then return false end end end
  return true
end
function Matrix.__tostring(a)
  local rows = {}
  for i, row in ipairs(a) do rows[i] = table.concat(row, " ") end
  return "[" .. table.concat(rows, "; ") .. "]"
end
function Matrix:transpose()
  local m = {}
  for j = 1, #self[1] do
    m[j] = {}
    for i = 1, #self do m[j][i] = self[i][j] end
  end
  return matrix(m)
end
function Matrix:det()
  if #self == 1 then return self[1][1] end
  local d = 0
  for c = 1, #self do
    local minor = {}
    for i = 2, #self do
      minor[i - 1] = {}
      for j = 1, #self do if j ~= c then table.insert(minor[i - 1], self[i][j]) end end
    end
    d = d + (c % 2 == 1 and 1 or -1) * self[1][c] * Matrix.det(minor)
  end
  return d
end

local a = matrix{{1, 2}, {3, 4}}
local b = matrix{{0, 1}, {1, 0}}
print(a + b, a * b, 2 * a, a * 0.5) --> [1 3; 4 4]	[2 1; 4 3]	[2 4; 6 8]	[0.5 1.0; 1.5 2.0]
print(a:transpose(), a:det(), matrix{{2, 0, 1}, {1, 3, 2}, {1, 1, 1}}:det()) --> [1 3; 2 4]	-2	0
print(matrix{{1, 1}, {1, 0}} ^ 50) --> [20365011074 12586269025; 12586269025 7778742049]
print(a * Matrix.identity(2) == a, a == b, (a * b):transpose() == b:transpose() * a:transpose()) --> true	false	true
