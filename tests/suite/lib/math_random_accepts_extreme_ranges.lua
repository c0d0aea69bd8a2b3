math.randomseed(7)
print(math.random(math.mininteger, math.maxinteger)) --> 5146306769106196287
print(math.random(math.maxinteger - 1, math.maxinteger) >= math.maxinteger - 1, math.random(3, 3)) --> true	3
print(math.random(1 << 62), math.random(-(1 << 62), 1 << 62)) --> 2141838420843008186	-4303429992323016391
