print(pcall(string.find, ("a"):rep(40), ("(a)"):rep(33))) --> false	too many captures
print(select("#", ("a"):rep(40):match(("(a)"):rep(32)))) --> 32
