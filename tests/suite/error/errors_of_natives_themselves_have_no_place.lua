-- The message says where a Lua function stands; these come out of the native's own operation.
print(pcall(function() return next({}, 1) end)) --> false	invalid key to 'next'
print(pcall(function() for _ in next, {}, 1 do end end)) --> false	invalid key to 'next'
print(pcall(function() return '3' % '0' end)) --> false	attempt to perform 'n%0'
print(pcall(function() return '3' // '0' end)) --> false	attempt to divide by zero
