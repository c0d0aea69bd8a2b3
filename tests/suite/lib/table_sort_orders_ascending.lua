local t = {5, 2, 8, 1, 9, 3}
table.sort(t)
print(table.concat(t, " ")) --> 1 2 3 5 8 9
t = {"banana", "apple", "cherry", "Apple"}
table.sort(t)
print(table.concat(t, " ")) --> Apple apple banana cherry
t = {3, 1.5, 2, -1, 2.5}
table.sort(t)
print(table.concat(t, " ")) --> -1 1.5 2 2.5 3
