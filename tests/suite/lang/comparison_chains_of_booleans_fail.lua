print(pcall(load("return 1 < 2 < 3", "=c"))) --> false	c:1: attempt to compare boolean with number
print(1 < 2 == true, "a" == "a" ~= false) --> true	true
