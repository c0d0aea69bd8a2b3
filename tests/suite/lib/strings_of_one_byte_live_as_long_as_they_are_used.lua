local s = ""
for i = 0, 255 do s = s .. string.char(i) end
local kept = {}
for i = 1, 256 do kept[i] = s:sub(i, i) end
local weak = setmetatable({}, {__mode = "k"})
local counts = {}
for round = 1, 4 do
  for c in s:gmatch(".") do weak[{c}] = c end
  collectgarbage()
  local same = 0
  for i = 1, 256 do
    local c = string.char(i - 1)
    if rawequal(c, kept[i]) and c:byte() == i - 1 and #c == 1 then same = same + 1 end
    if round % 2 == 0 then kept[i] = nil end
  end
  counts[round] = same .. " " .. tostring(next(weak))
  collectgarbage("step", 100)
  for i = 1, 256 do kept[i] = s:sub(i, i) end
end
print(table.concat(counts, ", ")) --> 256 nil, 256 nil, 256 nil, 256 nil
local count = 0
for i = 1, 20000 do
  local c = s:sub(i % 256 + 1, i % 256 + 1)
  if c:byte() == i % 256 then count = count + 1 end
  if i % 500 == 0 then collectgarbage("step") end
end
print(count) --> 20000
print(("a"):rep(3):gsub(".", {a = "b"})) --> bbb	3
