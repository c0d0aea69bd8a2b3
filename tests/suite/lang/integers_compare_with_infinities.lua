print(1 < math.huge, math.maxinteger < math.huge, math.mininteger > -math.huge, 1 > math.huge) --> true	true	true	false
