print(pcall(utf8.char, -1)) --> false	bad argument #1 to 'utf8.char' (value out of range)
print(pcall(utf8.codepoint, "abc", 4)) --> false	bad argument #3 to 'utf8.codepoint' (out of bounds)
print(pcall(utf8.codepoint, "\xff")) --> false	invalid UTF-8 code
print(pcall(utf8.len, "abc", 5)) --> false	bad argument #2 to 'utf8.len' (initial position out of bounds)
print(pcall(utf8.offset, "abc", 1, 5)) --> false	bad argument #3 to 'utf8.offset' (position out of bounds)
print(pcall(utf8.offset, "\x80", 1)) --> false	initial position is a continuation byte
print(pcall(function() for _ in utf8.codes("a\xff") do end end)) --> false	bad_arguments_of_utf8_functions.lua:7: invalid UTF-8 code
