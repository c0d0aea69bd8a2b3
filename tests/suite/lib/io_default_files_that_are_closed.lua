local input, output = io.tmpfile(), io.tmpfile()
io.input(input)
io.output(output)
input:close()
output:close()
print(pcall(io.read)) --> false	default input file is closed
print(pcall(io.write, "x")) --> false	default output file is closed
print(pcall(io.flush)) --> false	default output file is closed
print(pcall(io.lines)) --> false	attempt to use a closed file
print(pcall(io.close)) --> false	attempt to use a closed file
print(pcall(io.input, input)) --> false	attempt to use a closed file
