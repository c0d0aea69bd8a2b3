print(io.close(io.stdin)) --> nil	cannot close standard file
print(io.stdout:close()) --> nil	cannot close standard file
print(io.stderr:close()) --> nil	cannot close standard file
print(pcall(io.stdin.close)) --> false	bad argument #1 to '?' (FILE* expected, got no value)
