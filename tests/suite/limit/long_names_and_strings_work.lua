local name = ("n"):rep(10000)
print(load(name .. " = 5 return " .. name .. ", _ENV." .. name)()) --> 5	5
print(#load("return '" .. ("s"):rep(100000) .. "'")()) --> 100000
