print(math.modf(3.7)) --> 3	0.7
print(math.modf(-3.7)) --> -3	-0.7
print(math.modf(5)) --> 5	0.0
print(math.modf(math.huge)) --> inf	0.0
print(math.modf(-math.huge)) --> -inf	0.0
print(math.modf(2^70)) --> 1.1805916207174e+21	0.0
