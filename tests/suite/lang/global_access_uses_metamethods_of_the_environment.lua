setmetatable(_G, {__index = function(_, k) return "undefined " .. k end})
print(foo) --> undefined foo
setmetatable(_G, nil)
print(foo) --> nil
