local mt = {
  __lt = function() return coroutine.yield("lt") end,
  __le = function() return coroutine.yield("le") end,
  __eq = function() return coroutine.yield("eq") end,
}
local a, b = setmetatable({}, mt), setmetatable({}, mt)
local co = coroutine.wrap(function()
  local r = {}
  if a < b then r[1] = "less" else r[1] = "not less" end
  if a <= b then r[2] = "le" else r[2] = "not le" end
  if a == b then r[3] = "equal" else r[3] = "not equal" end
  if not (a ~= b) then r[4] = "same" else r[4] = "differ" end
  if a > 1 then r[5] = "gt" end
  return table.concat(r, ",")
end)
print(co()) --> lt
print(co(true)) --> le
print(co(false)) --> eq
print(co(1)) --> eq
print(co(nil)) --> lt
print(co("x")) --> less,not le,equal,differ,gt
