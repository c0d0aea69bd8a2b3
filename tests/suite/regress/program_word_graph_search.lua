local words = {}
for w in ("cold cord card ward warm corm worm worn ford fort wort"):gmatch("%a+") do words[#words + 1] = w end
local function near(a, b)
  local d = 0
  for i = 1, #a do if a:byte(i) ~= b:byte(i) then d = d + 1 end end
  return d == 1
end
local graph = {}
for _, a in ipairs(words) do
  graph[a] = {}
  for _, b in ipairs(words) do if near(a, b) then table.insert(graph[a], b) end end
  table.sort(graph[a])
end
local function path(from, to)
  local prev, queue, head = {[from] = from}, {from}, 1
  while queue[head] do
    local w = queue[head]
    head = head + 1
    if w == to then
      local out = {}
      while w ~= from do table.insert(out, 1, w) w = prev[w] end
      table.insert(out, 1, from)
      return table.concat(out, " > ")
    end
    for _, n in ipairs(graph[w]) do
      if not prev[n] then prev[n] = w queue[#queue + 1] = n end
    end
  end
end
print(path("cold", "warm")) --> cold > cord > card > ward > warm
print(path("card", "worn")) --> card > cord > corm > worm > worn
print(path("cold", "missing")) -->
print(table.concat(graph.cord, " ")) --> card cold corm ford
