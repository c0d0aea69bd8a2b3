local N = ... or 5000
-- Pattern matching: find, match, gmatch, gsub over a synthetic log.
local lines = {}
for i = 1, 60 do
  lines[i] = ("2024-%02d-%02d %02d:%02d host%d: user=%s size=%d path=/a/b%d/c.txt"):format(i % 12 + 1, i % 28 + 1, i % 24, i % 60, i % 4, i % 3 == 0 and "ann" or "bob", i * 37, i)
end
local check = 0
for round = 1, N do
  for i = 1 + round % 5, #lines, 5 do
    local line = lines[i]
    local y, m, d = line:match("^(%d+)-(%d+)-(%d+)")
    check = check + y + m + d
    local user, size = line:match("user=(%w+) size=(%d+)")
    if user == "ann" then check = check + size end
    for k, v in line:gmatch("(%a+)=([^ ]+)") do check = check + #k + #v end
    local s, n = line:gsub("%d", "#")
    check = check + n + #s
    if line:find("host3", 1, true) then check = check + 1 end
    check = check + #(line:gsub("/(%w+)", "<%1>"))
  end
end
if N == 5000 then assert(check == 156209000) end
return check
