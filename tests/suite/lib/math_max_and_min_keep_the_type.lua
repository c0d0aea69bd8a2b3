print(math.max(1, 2.5, 2), math.min(1, 2.5), math.max(1, 1.0), math.max(1.0, 1), math.min(3), math.max(-1/0, 5)) --> 2.5	1	1	1.0	3	5
