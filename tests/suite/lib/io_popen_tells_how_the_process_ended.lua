--? skip wasm: there are no processes
print(io.popen("true"):close()) --> true	exit	0
print(io.popen("exit 3"):close()) --> nil	exit	3
print(io.popen("kill -9 $$"):close()) --> nil	signal	9
print(io.popen("exit 129"):close()) --> nil	exit	129
local closed = io.popen("true")
closed:close()
print(tostring(closed), pcall(closed.close, closed)) --> file (closed)	false	attempt to use a closed file
