local a = 1
do local a = 2 local b = 3 print(a, b) end --> 2	3
print(a, b) --> 1	nil
