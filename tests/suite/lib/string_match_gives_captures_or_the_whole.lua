print(("hello 42"):match("%d+"), ("hello 42"):match("(%a+) (%d+)"), ("x"):match("y")) --> 42	hello	nil
print(("hello"):match("^h"), ("hello"):match("^e"), ("hello"):match("o$"), ("hello"):match("l$")) --> h	nil	o	nil
print(("  trim  "):match("^%s*(.-)%s*$") .. "|") --> trim|
print(("abc"):match("()b()")) --> 2	3
print(("hello"):match(".", -1), ("hello"):match("l+", 4)) --> o	l
