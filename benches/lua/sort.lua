local N = ... or 130000
-- table.sort with and without a comparator, on numbers, strings and records.
local seed = 42
local function rnd(n) seed = (seed * 48271) % 2147483647 return seed % n end
local nums, words, recs = {}, {}, {}
for i = 1, N do
  nums[i] = rnd(1000000)
  recs[i] = {key = rnd(5000), id = i}
end
for i = 1, N // 4 do words[i] = ("w%06d"):format(rnd(1000000)) end
table.sort(nums)
table.sort(words)
table.sort(recs, function(a, b)
  if a.key ~= b.key then return a.key < b.key end
  return a.id < b.id
end)
for i = 2, N do
  assert(nums[i - 1] <= nums[i])
  assert(recs[i - 1].key <= recs[i].key)
end
for i = 2, #words do assert(words[i - 1] <= words[i]) end
return nums[1] + nums[N] + recs[N // 2].id
