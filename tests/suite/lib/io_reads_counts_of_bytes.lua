local f = io.tmpfile()
f:write("0123456789")
f:seek("set")
print(f:read(3), f:read(0), f:read(2, 1))
print(f:read(100))
print(f:read(0), f:read(1), f:read(100))
print(pcall(f.read, f, 1.5))
print(f:read("2"))
--> 012		34	5
--> 6789
--> nil	nil	nil
--> false	bad argument #2 to '?' (number has no integer representation)
--!> io_reads_counts_of_bytes.lua:8: bad argument #1 to 'read' (invalid format)
