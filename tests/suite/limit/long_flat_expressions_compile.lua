print(load("return " .. ("1 + "):rep(20000) .. "1")()) --> 20001
print(load("local a = 1 return " .. ("a + "):rep(5000) .. "1")()) --> 5001
print(#load("local s = 'x' return " .. ("s .. "):rep(100) .. "s")()) --> 101
