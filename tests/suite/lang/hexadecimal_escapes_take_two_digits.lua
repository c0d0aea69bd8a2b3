print("\x41\x4a\x4A\x7e", #"\x00\xff") --> AJJ~	2
print("\x414") --> A4
