print((package.config:gsub("\n", "|"))) --> /|;|?|!|-|
print(type(package.path), type(package.cpath), type(package.preload), #package.searchers) --> string	string	table	4
print(package.loaded.io == io, package.loaded.os == os, package.loaded.package == package) --> true	true	true
print(package.loaded._G == _G, package.loaded["coroutine"] == coroutine) --> true	true
print(select("#", package.loadlib("no such library", "*")), (package.loadlib("no such library", "*"))) --> 3	nil
print(pcall(package.loadlib)) --> false	bad argument #1 to 'package.loadlib' (string expected, got no value)
