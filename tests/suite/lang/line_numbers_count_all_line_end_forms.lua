local f = load("\n\r\n\n\r\rerror('here')", "=c")
print(pcall(f)) --> false	c:5: here
print(pcall(load("\r\n\r\nerror('crlf')", "=c"))) --> false	c:3: crlf
