print(math.ult(1, 2), math.ult(-1, 1), math.ult(1, -1), math.ult(5, 5), math.ult(math.maxinteger, math.mininteger)) --> true	false	true	false	true
