print(pcall(warn, "@off"), pcall(warn, {})) --> true	false	bad argument #1 to 'warn' (string expected, got table)
print(pcall(warn, "a", {})) --> false	bad argument #2 to 'warn' (string expected, got table)
