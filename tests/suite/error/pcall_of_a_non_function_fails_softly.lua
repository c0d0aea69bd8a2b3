print(pcall(nil)) --> false	attempt to call a nil value
print(pcall(42)) --> false	attempt to call a number value
print(pcall({})) --> false	attempt to call a table value
