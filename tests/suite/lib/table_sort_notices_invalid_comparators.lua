print(pcall(table.sort, {3, 1, 2, 4, 5, 6}, function() return true end)) --> false	invalid order function for sorting
