local big = 2^53 | 0
print(big + 1 == 2^53, big + 1 > 2^53, big < 2^53 + 0.0, big + 1 <= 2^53) --> false	true	false	false
print(math.maxinteger < 2^63, math.maxinteger + 0.0 == 2^63, math.maxinteger >= 2^63) --> true	true	false
print(math.mininteger <= -2^63, math.mininteger < -2^63, math.mininteger == -2^63) --> true	false	true
print(2^63 > math.maxinteger, -2^63 >= math.mininteger) --> true	true
