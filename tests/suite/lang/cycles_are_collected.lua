local t = setmetatable({}, {__mode = "v"})
do
  local a, b = {}, {}
  a.b, b.a, a.self = b, a, a
  t[1], t[2] = a, b
end
collectgarbage()
print(t[1], t[2]) --> nil	nil
