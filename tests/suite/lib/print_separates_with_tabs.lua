print() -->
print(nil) --> nil
print(1, "two", 3.0, true, nil) --> 1	two	3.0	true	nil
print("a\tb", "", "end") --> a	b		end
