local function f(_ENV) z = a * 2 return z end
local env = {a = 21}
print(f(env), env.z, z) --> 42	42	nil
