local name = os.tmpname()
io.open(name, "w"):write("a\nb\n"):close()
local iterator, state, control, file = io.lines(name)
for line in iterator, state, control, file do
  print(line, io.type(file))
  break
end
print(io.type(file))
iterator, state, control, file = io.lines(name)
print(pcall(function()
  for line in iterator, state, control, file do error("stop", 0) end
end))
print(io.type(file))
os.remove(name)
--> a	file
--> closed file
--> false	stop
--> closed file
