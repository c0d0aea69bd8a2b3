local f = io.tmpfile()
print(pcall(function() f:setvbuf("bad") end)) --> false	io_setvbuf_checks_its_arguments.lua:2: bad argument #1 to 'setvbuf' (invalid option 'bad')
print(pcall(function() f:setvbuf() end)) --> false	io_setvbuf_checks_its_arguments.lua:3: bad argument #1 to 'setvbuf' (string expected, got no value)
print(pcall(function() f:setvbuf("full", "x") end)) --> false	io_setvbuf_checks_its_arguments.lua:4: bad argument #2 to 'setvbuf' (number expected, got string)
print(io.stdout:setvbuf("full"), io.stderr:setvbuf("no")) --> true	true
