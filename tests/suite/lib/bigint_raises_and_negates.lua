--? oracle python: the values are those of Python's integers
local big = require "bigint"
print(big.new('2') ^ big.new('100'))
--> 1267650600228229401496703205376
print(big.new('-2') ^ big.new('63'))
--> -9223372036854775808
print(big.new('-2') ^ big.new('64'))
--> 18446744073709551616
print(big.new('0') ^ big.new('0'))
--> 1
print(big.new('0') ^ big.new('5'))
--> 0
print(big.new('1') ^ big.new('1000000000000000000000000000000'))
--> 1
print(big.new('-1') ^ big.new('1000000000000000000000000000001'))
--> -1
print(big.new('-1') ^ big.new('1000000000000000000000000000000'))
--> 1
print(big.new('0') ^ big.new('1000000000000000000000000000000'))
--> 0
print(big.new('10') ^ big.new('25'))
--> 10000000000000000000000000
print(big.new('-7') ^ big.new('1'))
--> -7
print(big.new(3) ^ 4, big.new(3):pow(4.0), big.pow(big.new(3), big.new(4)))
--> 81	81	81
print(-big.new(5), -big.new(-5), -big.new(0), big.new(5):unm(), big.unm(big.new(0)))
--> -5	5	0	-5	0
