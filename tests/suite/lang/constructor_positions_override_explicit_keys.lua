local t = {[1] = "explicit", "positional"}
print(t[1]) --> positional
