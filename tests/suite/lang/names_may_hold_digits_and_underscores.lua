local _, _1, a1_b, A = 1, 2, 3, 4
print(_, _1, a1_b, A, _ENV ~= nil) --> 1	2	3	4	true
