local And, End, NIL, goTo = 1, 2, 3, 4
print(And, End, NIL, goTo) --> 1	2	3	4
