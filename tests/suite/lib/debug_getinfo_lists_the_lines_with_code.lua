local function f()
  local a = 1

  return a
end
local lines = {}
for line in pairs(debug.getinfo(f, "L").activelines) do lines[#lines + 1] = line end
table.sort(lines)
print(table.concat(lines, " ")) --> 2 4 5
print(debug.getinfo(print, "L").activelines) --> nil
local bare = load(string.dump(f, true))
print(next(debug.getinfo(bare, "L").activelines), debug.getinfo(bare, "S").short_src) --> nil	?
