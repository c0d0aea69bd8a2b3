print(1 | 2 == 3, 4 & 4 ~= 4, 1 < 2 == true) --> true	false	true
