print("10" + 5, "3" * "4", "2" ^ 2, "10" / 2, -"2", "7" // 2, "7" % "4") --> 15	12	4.0	5.0	-2	3	3
print(math.type("10" + 5), math.type("1.0" + 1), math.type("0x10" + 0)) --> integer	float	integer
print(" 10 " + 1, "0x1p4" + 0, "1e1" + 0, "\n5\t" * 1) --> 11	16.0	10.0	5
