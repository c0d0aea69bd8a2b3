local t = {"only"}
print(next(t)) --> 1	only
print(next(t, 1)) --> nil
print(next({}), next({}, nil)) --> nil	nil
