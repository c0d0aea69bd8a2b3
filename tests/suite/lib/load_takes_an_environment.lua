local env = {y = 10}
print(load("x = y * 2 return x", "=c", "t", env)(), env.x, x) --> 20	20	nil
print(load("return _ENV", "=c", "t", env)() == env, load("return _ENV", "=c", "t", nil)()) --> true	nil
