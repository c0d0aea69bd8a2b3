print(("hello world"):find("wor"), ("hello"):find("l"), ("hello"):find("xyz")) --> 7	3	nil
print(("hello"):find("l", 4), ("hello"):find("l", -2), ("hello"):find("", 3), ("hello"):find("", 6), ("hello"):find("", 7)) --> 4	4	3	6	nil
print(("key=val"):find("(%w+)=(%w+)")) --> 1	7	key	val
print(("hello"):find("()ll()")) --> 3	4	3	5
