local f = io.tmpfile()
f:write("x\ny\n")
f:seek("set")
for line in f:lines() do print(line) end
print(io.type(f), select("#", f:lines()))
local iterator = f:lines()
f:close()
print(pcall(iterator))
for line in f:lines() do end
--> x
--> y
--> file	1
--> false	file is already closed
--!> io_lines_of_a_file_leave_it_open.lua:9: attempt to use a closed file
