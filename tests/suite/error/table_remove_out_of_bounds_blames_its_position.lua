--? oracle 5.4.8: 5.4.4 counts the argument as number 1
print(pcall(table.remove, {1}, 5)) --> false	bad argument #2 to 'table.remove' (position out of bounds)
print(pcall(table.remove, {}, 2)) --> false	bad argument #2 to 'table.remove' (position out of bounds)
print(pcall(table.remove, {1, 2, 3}, -1)) --> false	bad argument #2 to 'table.remove' (position out of bounds)
print(pcall(load("table.remove({1},5)", "=x"))) --> false	x:1: bad argument #2 to 'remove' (position out of bounds)
