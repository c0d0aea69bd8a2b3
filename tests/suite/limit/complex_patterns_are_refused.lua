print(pcall(string.find, ("a"):rep(2000), (".?"):rep(2000))) --> false	pattern too complex
print((("a"):rep(50)):find((".?"):rep(50))) --> 1	50
