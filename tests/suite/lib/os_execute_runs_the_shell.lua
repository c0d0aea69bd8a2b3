--? skip wasm: there are no processes
print(os.execute()) --> true
print(os.execute("true")) --> true	exit	0
print(os.execute("exit 3")) --> nil	exit	3
print(os.execute("kill -9 $$")) --> nil	signal	9
print(os.execute("sh -c 'kill -9 $$' 2> /dev/null; exit 4")) --> nil	exit	4
print(pcall(os.execute, {})) --> false	bad argument #1 to 'os.execute' (string expected, got table)
