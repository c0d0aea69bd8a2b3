local function names(t)
  local list = {}
  for name in pairs(t) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, " ")
end
print(names(io)) --> close flush input lines open output popen read stderr stdin stdout tmpfile type write
print(names(getmetatable(io.stdout))) --> __close __gc __index __name __tostring
print(names(getmetatable(io.stdout).__index)) --> close flush lines read seek setvbuf write
print(names(os)) --> clock date difftime execute exit getenv remove rename setlocale time tmpname
print(names(package)) --> config cpath loaded loadlib path preload searchers searchpath
