print("a" < "b", "a" < "B", "" < "a", "a" < "aa", "Z" < "a", "a\0b" < "a\0c", "a" <= "a", "\xff" > "a") --> true	false	true	true	true	true	true	true
