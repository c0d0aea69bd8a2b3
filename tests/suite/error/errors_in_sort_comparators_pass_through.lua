print(pcall(table.sort, {3, 1, 2}, function() error("cmp", 0) end)) --> false	cmp
print(pcall(table.sort, {1, 2, {}})) --> false	attempt to compare table with number
