print(pcall(io.popen, "cat", "r+")) --> false	bad argument #2 to 'io.popen' (invalid mode)
print(pcall(io.popen, "cat", "rw")) --> false	bad argument #2 to 'io.popen' (invalid mode)
print(pcall(io.popen, "cat", "")) --> false	bad argument #2 to 'io.popen' (invalid mode)
print(pcall(io.popen)) --> false	bad argument #1 to 'io.popen' (string expected, got no value)
