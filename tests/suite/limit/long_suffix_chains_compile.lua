print(load("local a = {} a.a = a return a" .. (".a"):rep(3000) .. " == a")()) --> true
print(load("local function f() return f end f = function() return f end return f" .. ("()"):rep(1000) .. " == f")()) --> true
