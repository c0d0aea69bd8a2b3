local N = ... or 350000
-- Classes with inheritance: method lookup through __index chains, overriding, super calls.
local Shape = {}
Shape.__index = Shape
function Shape.new(class, name) return setmetatable({name = name, scale = 1}, class) end
function Shape:grow(k) self.scale = self.scale * k return self end
function Shape:area() return 0 end
function Shape:describe() return #self.name + self:area() end
local function extend(base)
  local class = setmetatable({}, {__index = base})
  class.__index = class
  return class
end
local Square = extend(Shape)
function Square.new(class, side)
  local o = Shape.new(class, "square")
  o.side = side
  return o
end
function Square:area() return self.side * self.side * self.scale end
local Box = extend(Square)
function Box.new(class, side, height)
  local o = Square.new(class, side)
  o.height = height
  return o
end
function Box:area() return Square.area(self) * self.height end
local total = 0
for i = 1, N do
  local s = Square:new(i % 5)
  local b = Box:new(i % 3, 2)
  s:grow(2)
  b:grow(1):grow(3)
  total = total + s:describe() + b:describe()
end
local expect = 0
for i = 1, N do expect = expect + 12 + (i % 5) ^ 2 * 2 + (i % 3) ^ 2 * 6 end
assert(total == expect)
return total
