local mt = {}
local yield = coroutine.yield
for _, event in ipairs {"index", "newindex", "add", "concat", "unm", "len", "eq", "lt", "le", "call"} do
  mt["__" .. event] = function(a, b) return (yield(event)) end
end
local a, b = setmetatable({}, mt), setmetatable({}, mt)
local co = coroutine.wrap(function()
  local r = {}
  r[1] = a.x r[2] = a[1] r[3] = a[{}]
  a.x = 1 a[1] = 1 a[{}] = 1
  r[4] = a + 1 r[5] = a .. b .. "x" r[6] = -a r[7] = #a
  r[8] = a == b r[9] = a < b r[10] = a <= b r[11] = a > b
  if a == b then r[12] = "then" else r[12] = "else" end
  r[13] = a(1)
  r[14] = a:method()
  for i = 1, 14 do r[i] = tostring(r[i]) end
  return table.concat(r, " ")
end)
local n, event = 0, co()
local events = {}
while #event < 10 and n < 60 do
  n = n + 1
  events[n] = event
  local answer = n
  if event == "index" and n > 15 then answer = function() return "method" end end
  if event == "eq" and n == 17 then answer = false end
  event = co(answer)
end
print(table.concat(events, " ")) --> index index index newindex newindex newindex add concat concat unm len eq lt le lt eq call index
print(event) --> 1 2 3 7 9 10 11 true true true true then 17 method
