local log = {}
local mt = {__gc = function(o) log[#log + 1] = o.n end}
do
  local a, b, c = {n = "a"}, {n = "b"}, {n = "c"}
  setmetatable(b, mt)
  setmetatable(c, mt)
  setmetatable(a, mt)
end
collectgarbage() collectgarbage()
print(table.concat(log, " ")) --> a c b
