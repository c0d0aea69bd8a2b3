local s = ("a"):rep(300000)
print(#s:match(".*"), #s:match(".-$"), s:find("b"), #(s:gsub("a", "bb")), s:match("^a*b")) --> 300000	300000	nil	600000	nil
