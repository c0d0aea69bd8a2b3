print(type(nil), pcall(type)) --> nil	false	bad argument #1 to 'type' (value expected)
