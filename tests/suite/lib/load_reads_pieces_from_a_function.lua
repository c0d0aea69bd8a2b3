local pieces = {"return ", "1", " + ", "41"}
local i = 0
print(load(function() i = i + 1 return pieces[i] end)()) --> 42
local done = false
print(load(function() if not done then done = true return "return 'once'" end return "" end)()) --> once
print(load(function() return nil end)()) -->
