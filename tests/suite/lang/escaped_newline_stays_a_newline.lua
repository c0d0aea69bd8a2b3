local s = "first\
second"
print(s)
--> first
--> second
print(#s) --> 12
