-- Patterns: count the words of a text, and show the most frequent ones.

local text = [[
  How much wood would a woodchuck chuck
  if a woodchuck could chuck wood?
  A woodchuck would chuck as much wood as a woodchuck could
  if a woodchuck could chuck wood.
]]

local counts = {}
for word in text:lower():gmatch("%a+") do
  counts[word] = (counts[word] or 0) + 1
end

local words = {}
for word in pairs(counts) do words[#words + 1] = word end
table.sort(words, function(a, b)
  if counts[a] ~= counts[b] then return counts[a] > counts[b] end
  return a < b
end)

for i = 1, 6 do
  local word = words[i]
  print(("%-10s %s"):format(word, ("■"):rep(counts[word])))
end

return counts
