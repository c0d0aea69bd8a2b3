print(0xffffffffffffffff, 0x7fffffffffffffff, 0x8000000000000000) --> -1	9223372036854775807	-9223372036854775808
print(0x1ffffffffffffffff, 0xA, 0Xa) --> -1	10	10
