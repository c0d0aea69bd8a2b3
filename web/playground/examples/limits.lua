-- Memory has a limit. Its end is an error like any other, and the program goes on.

local hoard = {}
local ok, message = pcall(function()
  for i = 1, math.huge do
    hoard[i] = ("x"):rep(1 << 20)
  end
end)

print(ok, message)
print(#hoard .. " strings of 1 MB each, before there was no room")

hoard = nil
collectgarbage()
return collectgarbage("count") // 1 .. " KB now"
