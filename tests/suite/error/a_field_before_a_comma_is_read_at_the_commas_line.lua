local function message(source) return (select(2, pcall(load(source, "=x")))) end
print(message("local z = 1 return\ny\n.\nx\n,\n1")) --> x:5: attempt to index a nil value (global 'y')
print(message("print(\ny\n.\nx\n,\n1)")) --> x:5: attempt to index a nil value (global 'y')
print(message("local a\n=\n{y\n.\nx\n,\n1}")) --> x:6: attempt to index a nil value (global 'y')
print(message("local a\n=\n{y\n.\nx\n;\n1}")) --> x:6: attempt to index a nil value (global 'y')
print(message("local a\n=\n{a=y\n.\nx\n;\n1}")) --> x:5: attempt to index a nil value (global 'y')
print(message("for i\n=\ny\n.\nx\n,\n1 do end")) --> x:5: attempt to index a nil value (global 'y')
print(message("local f local a =\nf(\n1)\n,\n1")) --> x:2: attempt to call a nil value (local 'f')
