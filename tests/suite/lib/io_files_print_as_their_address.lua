print((tostring(io.stdout):gsub("%(0x%x+%)", "(address)"))) --> file (address)
print(tostring(io.stdout) == tostring(io.stdout), tostring(io.stdout) == tostring(io.stderr)) --> true	false
local metatable = getmetatable(io.stdout)
print(metatable.__name, type(metatable.__gc), type(metatable.__close), type(metatable.__tostring)) --> FILE*	function	function	function
print(type(metatable.__index), metatable.__index.read == io.stdout.read) --> table	true
