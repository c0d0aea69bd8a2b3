-- A program that makes objects with finalizers, and nothing else, must not get ahead of the collector.
local n_alive, most = 0, 0
local class = {__gc = function() n_alive = n_alive - 1 end}
for _ = 1, 100000 do
  n_alive = n_alive + 1
  setmetatable({}, class)
  most = math.max(most, n_alive)
end
print(most < 20000) --> true
