print("a\0a" < "a\0b", "a\0" > "a", "\0" < "\1", "a\0b" == "a\0b", "a\0b" == "a\0c") --> true	true	true	true	false
