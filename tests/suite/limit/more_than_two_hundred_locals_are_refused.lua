local names = {}
for i = 1, 201 do names[i] = "v" .. i end
print(load("local " .. table.concat(names, ","), "=c")) --> nil	c:1: too many local variables (limit is 200) in main function near <eof>
print(load(("local a\n"):rep(201), "=c")) --> nil	c:202: too many local variables (limit is 200) in main function near <eof>
print(load("local function f()\n" .. ("local a "):rep(201) .. "end", "=c")) --> nil	c:2: too many local variables (limit is 200) in function at line 1 near 'end'
