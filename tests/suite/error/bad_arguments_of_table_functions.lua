print(pcall(table.insert, 1, 2)) --> false	bad argument #1 to 'table.insert' (table expected, got number)
print(pcall(table.insert, {})) --> false	wrong number of arguments to 'insert'
print(pcall(table.insert, {}, 1, 2, 3)) --> false	wrong number of arguments to 'insert'
print(pcall(table.insert, {}, 5, 1)) --> false	bad argument #2 to 'table.insert' (position out of bounds)
print(pcall(table.insert, {}, "x", 1)) --> false	bad argument #2 to 'table.insert' (number expected, got string)
print(pcall(table.remove, nil)) --> false	bad argument #1 to 'table.remove' (table expected, got nil)
print(pcall(table.concat, 1)) --> false	bad argument #1 to 'table.concat' (table expected, got number)
print(pcall(table.concat, {1, {}, 3})) --> false	invalid value (table) at index 2 in table for 'concat'
print(pcall(table.concat, {}, {})) --> false	bad argument #2 to 'table.concat' (string expected, got table)
print(pcall(table.sort, {3, 1}, 1)) --> false	bad argument #2 to 'table.sort' (function expected, got number)
print(pcall(table.sort, {1, "x"})) --> false	attempt to compare string with number
print(pcall(table.unpack)) --> false	attempt to get length of a nil value
print(pcall(table.move, {}, 1)) --> false	bad argument #3 to 'table.move' (number expected, got no value)
