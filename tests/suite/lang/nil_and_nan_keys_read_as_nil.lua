local t = {}
print(t[nil], t[0/0], rawget(t, nil), rawget(t, 0/0)) --> nil	nil	nil	nil
