print(("a\0b\0c"):find("\0"), #("a\0b"):match(".+"), (("a\0b"):gsub("%z", "0")), ("a\0b"):match("[\0]b") == "\0b") --> 2	3	a0b	true
