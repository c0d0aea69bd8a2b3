-- Each value leads to the key of the next one, first in one table, then each in a table of its own.
local mode = {__mode = "k"}
local function count(t) local n = 0 for _ in pairs(t) do n = n + 1 end return n end
local weak, first = setmetatable({}, mode), {}
local key = first
for _ = 1, 20000 do local following = {} weak[key] = following key = following end
key = nil
collectgarbage()
print(count(weak)) --> 20000
first = nil
collectgarbage()
print(count(weak)) --> 0

first = {}
local start = setmetatable({}, mode)
local key, t = first, start
for _ = 1, 20000 do
  local following, inner = {}, setmetatable({}, mode)
  t[key] = {following, inner}
  key, t = following, inner
end
key, t = nil
collectgarbage()
local depth, key, t = 0, first, start
while t[key] do
  depth = depth + 1
  key, t = t[key][1], t[key][2]
end
print(depth) --> 20000
key, t, first = nil
collectgarbage()
print(next(start)) --> nil
