local f = io.tmpfile()
print(pcall(function() f:seek("bad") end)) --> false	io_seek_checks_its_arguments.lua:2: bad argument #1 to 'seek' (invalid option 'bad')
print(pcall(function() f:seek(1) end)) --> false	io_seek_checks_its_arguments.lua:3: bad argument #1 to 'seek' (invalid option '1')
print(pcall(function() f:seek("set", 1.5) end)) --> false	io_seek_checks_its_arguments.lua:4: bad argument #2 to 'seek' (number has no integer representation)
print(pcall(function() f:seek("set", "x") end)) --> false	io_seek_checks_its_arguments.lua:5: bad argument #2 to 'seek' (number expected, got string)
print(f:seek("set", "3"), f:seek("cur", 2.0)) --> 3	5
