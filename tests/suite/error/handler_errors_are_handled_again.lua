local n = 0
local ok, e = xpcall(error, function(m) n = n + 1 if n < 3 then error("again", 0) end return "handled " .. n .. " " .. tostring(m) end, "first")
print(ok, e) --> false	handled 3 again
