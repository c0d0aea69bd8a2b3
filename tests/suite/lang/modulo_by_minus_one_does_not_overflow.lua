print(math.mininteger % -1, math.mininteger // -1, math.maxinteger // -1) --> 0	-9223372036854775808	-9223372036854775807
