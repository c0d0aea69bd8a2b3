print(7 % 3, -7 % 3, 7 % -3, -7 % -3, 6 % -3, 0 % -3) --> 1	2	-2	-1	0	0
print(7.5 % 2, -7.5 % 2, 7.5 % -2, -7.5 % -2) --> 1.5	0.5	-0.5	-1.5
print(5 % math.huge, -5 % math.huge, 5 % -math.huge, -5 % -math.huge) --> 5.0	inf	-inf	-5.0
