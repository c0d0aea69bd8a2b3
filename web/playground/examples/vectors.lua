-- Metatables: vectors that add up, compare and describe themselves.

local Vector = {}
Vector.__index = Vector

local function vector(x, y) return setmetatable({ x = x, y = y }, Vector) end

function Vector.__add(a, b) return vector(a.x + b.x, a.y + b.y) end
function Vector.__mul(a, k) return vector(a.x * k, a.y * k) end
function Vector.__eq(a, b) return a.x == b.x and a.y == b.y end
function Vector.__len(a) return (a.x ^ 2 + a.y ^ 2) ^ 0.5 end
function Vector.__tostring(a) return ("(%g, %g)"):format(a.x, a.y) end
function Vector:turned() return vector(-self.y, self.x) end

local a, b <const> = vector(3, 4), vector(1, -2)
print(a, b, a + b, a * 2, #a, a:turned())
print(a == vector(3, 4))

return a, b
