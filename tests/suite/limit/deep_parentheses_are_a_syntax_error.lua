local src = "return " .. ("("):rep(1000) .. "1" .. (")"):rep(1000)
local f, e = load(src, "=c")
print(f, (e:match("overflow"))) --> nil	overflow
print(load("return " .. ("("):rep(100) .. "1" .. (")"):rep(100))()) --> 1
