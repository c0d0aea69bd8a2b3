local name = os.tmpname()
io.open(name, "w"):write(("a"):rep(300)):close()
local formats = {}
for i = 1, 250 do formats[i] = 1 end
local got = { io.lines(name, table.unpack(formats))() }
print(#got, got[1], got[250]) --> 250	a	a
formats[251] = 1
print(pcall(io.lines, name, table.unpack(formats))) --> false	bad argument #252 to 'io.lines' (too many arguments)
print(pcall(function() io.lines(name, table.unpack(formats)) end)) --> false	io_lines_takes_up_to_250_formats.lua:9: bad argument #252 to 'lines' (too many arguments)
os.remove(name)
