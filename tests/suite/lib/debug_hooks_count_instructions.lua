local n = 0
debug.sethook(function(event) assert(event == "count") n = n + 1 end, "", 1)
for i = 1, 1000 do end
debug.sethook()
print(n >= 1000 and n < 1020) --> true
n = 0
debug.sethook(function() n = n + 1 end, "", 100)
for i = 1, 10000 do end
debug.sethook()
print(n >= 95 and n < 305) --> true
-- A hook may stop a loop.
print(pcall(function()
  debug.sethook(function() error("enough", 0) end, "", 1000)
  while true do end
end)) --> false	enough
debug.sethook()
