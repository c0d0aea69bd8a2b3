print(1 == 1.0, 0 == -0.0, 2^53 == 2^53 + 1, "1" == 1, math.maxinteger + 0.0 == math.maxinteger) --> true	true	true	false	false
