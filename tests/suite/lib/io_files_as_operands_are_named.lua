print(pcall(function() return io.stdout + 1 end)) --> false	io_files_as_operands_are_named.lua:1: attempt to perform arithmetic on a FILE* value (field 'stdout')
print(pcall(function() return #io.stdout end)) --> false	io_files_as_operands_are_named.lua:2: attempt to get length of a FILE* value (field 'stdout')
print(pcall(function() return io.stdout < io.stderr end)) --> false	io_files_as_operands_are_named.lua:3: attempt to compare two FILE* values
print(pcall(function() return io.stdout .. "" end)) --> false	io_files_as_operands_are_named.lua:4: attempt to concatenate a FILE* value (field 'stdout')
print(io.stdout.no_such_method) --> nil
print(pcall(string.rep, io.stdout)) --> false	bad argument #1 to 'string.rep' (string expected, got FILE*)
