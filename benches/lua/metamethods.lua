local N = ... or 500000
-- A vector class with operators: arithmetic, comparison, index and call metamethods.
local V = {}
V.__index = function(v, k) if k == "length2" then return v[1] * v[1] + v[2] * v[2] end return V[k] end
local function vec(x, y) return setmetatable({x, y}, V) end
V.__add = function(a, b) return vec(a[1] + b[1], a[2] + b[2]) end
V.__sub = function(a, b) return vec(a[1] - b[1], a[2] - b[2]) end
V.__mul = function(a, k) return vec(a[1] * k, a[2] * k) end
V.__unm = function(a) return vec(-a[1], -a[2]) end
V.__eq = function(a, b) return a[1] == b[1] and a[2] == b[2] end
V.__lt = function(a, b) return a.length2 < b.length2 end
V.__len = function() return 2 end
V.__call = function(a, i) return a[i] end
local p, d, turns = vec(0, 0), vec(1, 2), 0
local far = vec(1000, 0)
for i = 1, N do
  p = p + d
  if far < p then d = -d p = p - vec(1, 0) turns = turns + 1 end
  if p == far then turns = turns + 1000000 end
  if i % 16 == 0 then turns = turns + #p + p(1) % 2 end
end
local check = turns * 1000 + p[1] + p[2]
if N == 500000 then assert(check == 560713998) end
return check
