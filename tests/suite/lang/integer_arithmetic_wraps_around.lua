print(math.maxinteger + 1 == math.mininteger, math.mininteger - 1 == math.maxinteger) --> true	true
print(math.maxinteger * 2, math.mininteger * -1, -math.mininteger) --> -2	-9223372036854775808	-9223372036854775808
print(0x7fffffff * 0x7fffffff * 0x7fffffff) --> 4611686024869838847
