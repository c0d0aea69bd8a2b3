local n = 0
local function f(d)
  local x <close> = setmetatable({}, {__close = function() n = n + 1 end})
  if d > 0 then return (f(d - 1)) end
  error("bottom", 0)
end
print(pcall(f, 100)) --> false	bottom
print(n) --> 101
