print(pcall(string.gsub, "a", "a", "%2")) --> false	invalid capture index %2
print(pcall(string.gsub, "a", "a", "%x")) --> false	invalid use of '%' in replacement string
print(pcall(string.gsub, "a", "a", "%")) --> false	invalid use of '%' in replacement string
print(pcall(string.gsub, "a", ".", {a = {}})) --> false	invalid replacement value (a table)
print((("a"):gsub("a", "%1"))) --> a
