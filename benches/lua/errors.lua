local N = ... or 1000000
-- pcall, error with strings and tables, runtime errors, xpcall with a handler.
local caught, objects, handled = 0, 0, 0
local function check(i)
  if i % 3 == 0 then error("bad " .. i % 10) end
  if i % 5 == 0 then error({code = i}) end
  return i
end
local function broken(i) if i % 50 == 0 then local t return t.x end return i end
for i = 1, N do
  local ok, e = pcall(check, i)
  if not ok then
    if type(e) == "table" then objects = objects + e.code % 2 else caught = caught + 1 end
  end
  if not pcall(broken, i) then caught = caught + 1 end
  if i % 10 == 0 then
    xpcall(function() error("x", 0) end, function(m) handled = handled + #m end)
  end
end
assert(caught == N // 3 + N // 50 and handled == N // 10)
return caught + objects + handled
