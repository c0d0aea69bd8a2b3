local N = 6000
local function text(i) return "value " .. i end

local function step() collectgarbage("step", 0) end

-- Moves within the array part.
local list = {}
for i = 1, N do list[i] = { text(i) } end
collectgarbage()
for round = 1, 200 do
  step()
  local first = table.remove(list, 1)
  list[#list + 1] = first
  if round % 5 == 0 then table.move(list, 1, N // 2, N // 2 + 1) end
  local i, j = round * 17 % N + 1, round * 31 % N + 1
  list[i], list[j] = { text(-round) }, list[i]
end
collectgarbage()
local same = 0
for i = 1, #list do
  if list[i][1]:find("^value %-?%d+$") then same = same + 1 end
end
print(same == #list) --> true

-- Strings that are sorted.
local words = {}
for i = 1, N do words[i] = "word number " .. (i * 7919 % N) .. " of a list, which is long enough" end
for _ = 1, 20 do
  step()
  table.sort(words, function(a, b) return a > b end)
  step()
  table.sort(words)
end
collectgarbage()
local ordered = true
for i = 2, #words do ordered = ordered and words[i - 1] <= words[i] end
print(ordered, #words) --> true	6000

-- Entries of the hash part that change their places, keys that come and go.
local map, alive = {}, {}
for i = 1, N do
  map["key " .. i] = { text(i) }
  alive[i] = true
end
collectgarbage()
for round = 1, 300 do
  step()
  for j = 1, 20 do
    local i = (round * 37 + j * 101) % N + 1
    if alive[i] then map["key " .. i] = nil else map["key " .. i] = { text(i) } end
    alive[i] = not alive[i]
  end
  map["new key " .. round] = { text(round) }
end
collectgarbage()
local right = true
for i = 1, N do
  local v = map["key " .. i]
  if alive[i] then right = right and v ~= nil and v[1] == text(i) else right = right and v == nil end
end
for round = 1, 300 do right = right and map["new key " .. round][1] == text(round) end
print(right) --> true

-- From one part to the other, and both parts built anew.
local both = {}
for i = N, 1, -1 do both[i] = { text(i) } end
for i = 1, N do
  if i % 50 == 0 then step() end
  both[N + i] = { text(N + i) }
  if i % 3 == 0 then both[i] = nil end
end
collectgarbage()
local n = 0
for i, v in pairs(both) do
  if v[1] == text(i) then n = n + 1 end
end
print(n == 2 * N - N // 3) --> true

-- Several of them, one of which becomes small.
local tables = {}
for k = 1, 5 do
  tables[k] = {}
  for i = 1, N do tables[k][i] = { k, i } end
end
step()
for i = N, 3, -1 do
  if i % 100 == 0 then step() end
  tables[1][#tables[1]] = nil
  tables[2][i] = { 2, i }
end
tables[1][2] = { "late" }
collectgarbage()
print(#tables[1], tables[1][2][1], tables[2][N][2], tables[5][N][2]) --> 2	late	6000	6000
