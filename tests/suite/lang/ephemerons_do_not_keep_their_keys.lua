local t = setmetatable({}, {__mode = "k"})
do
  local k = {}
  t[k] = {ref = k}
end
collectgarbage()
print(next(t)) --> nil
