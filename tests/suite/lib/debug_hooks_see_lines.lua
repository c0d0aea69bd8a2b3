local lines = {}
local function hook(event, line) lines[#lines + 1] = line end
local function f(n)
  local x = 0
  for i = 1, n do
    x = x + i
  end
  while x > 2 do
    x = x - 1
  end
  if x
    == 2
  then
    x = nil
  end
  return x
end
debug.sethook(hook, "l")
f(2)
debug.sethook()
print(table.concat(lines, " ")) --> 19 4 5 6 5 6 5 8 9 8 12 14 16 20
print(debug.gethook()) --> nil
