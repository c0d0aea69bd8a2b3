local f = io.tmpfile()
print(pcall(io.read, "x")) --> false	bad argument #1 to 'io.read' (invalid format)
print(pcall(function() f:read("x") end)) --> false	io_read_format_errors.lua:3: bad argument #1 to 'read' (invalid format)
print(pcall(function() f:read("l", {}) end)) --> true
print(pcall(function() f:read("n", "") end)) --> true
print(pcall(function() f.read() end)) --> false	io_read_format_errors.lua:6: bad argument #1 to 'read' (FILE* expected, got no value)
print(pcall(function() f.read({}) end)) --> false	io_read_format_errors.lua:7: bad argument #1 to 'read' (FILE* expected, got table)
print(pcall(f.read, f, "x")) --> false	bad argument #2 to '?' (invalid format)
