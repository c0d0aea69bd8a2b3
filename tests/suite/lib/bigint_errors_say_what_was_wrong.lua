--? oracle python: the reference has no such module
local big = require "bigint"
local function try(f, ...)
  local _, message = pcall(f, ...)
  print((message:gsub("^.-:%d+: ", "")))
end
for _, text in ipairs { "abc", "+5", " 5", "5 ", "0x10", "1.0", "1e5", "-", "_", "--5", "12a", "1\0" } do
  try(function() big.new(text) end)
end
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
--> failed to create bigint
try(function() big.new("2", 2) end)
--> failed to create bigint
for _, number in ipairs { 3.7, 1e30, 1/0, 0/0, 2^63 } do
  try(function() big.new(number) end)
end
--> bad argument #1 to 'new' (number has no integer representation)
--> bad argument #1 to 'new' (number has no integer representation)
--> bad argument #1 to 'new' (number has no integer representation)
--> bad argument #1 to 'new' (number has no integer representation)
--> bad argument #1 to 'new' (number has no integer representation)
try(function() big.new({}) end)
--> bigint.new expects string or number, got table
try(function() big.new() end)
--> bigint.new expects string or number, got no value
try(function() big.new(nil) end)
--> bigint.new expects string or number, got nil
try(function() big.new("1", 37) end)
--> base must be between 2 and 36
try(function() big.new("1", 1) end)
--> base must be between 2 and 36
try(function() big.new("1", {}) end)
--> bad argument #2 to 'new' (number expected, got table)
try(function() return big.new(1):tostring(0) end)
--> base must be between 2 and 36
try(function() return big.new(1) / big.new(0) end)
--> bigint division failed (division by zero?)
try(function() return big.new(1) // big.new(0) end)
--> bigint division failed (division by zero?)
try(function() return big.new(1) % big.new(0) end)
--> bigint modulo failed (division by zero?)
try(function() return big.new(1) + 1 end)
--> bad argument #2 to 'add' (Cu.BigInt expected, got number)
try(function() return 1 - big.new(1) end)
--> bad argument #1 to 'sub' (Cu.BigInt expected, got number)
try(function() return big.new(1) * "2" end)
--> bad argument #2 to 'mul' (Cu.BigInt expected, got string)
try(function() return big.add(big.new(1), nil) end)
--> bad argument #2 to 'add' (Cu.BigInt expected, got nil)
try(function() return big.add(big.new(1)) end)
--> bad argument #2 to 'add' (Cu.BigInt expected, got no value)
try(function() return big.add(io.stdout, big.new(1)) end)
--> bad argument #1 to 'add' (Cu.BigInt expected, got FILE*)
try(function() return big.new(1):add(1) end)
--> bad argument #1 to 'add' (Cu.BigInt expected, got number)
try(function() return big.new(1).add(2) end)
--> bad argument #1 to 'add' (Cu.BigInt expected, got number)
try(function() return big.new(2) ^ -1 end)
--> bigint power failed (negative exponent)
try(function() return big.new(2) ^ big.new(-1) end)
--> bigint power failed (negative exponent)
try(function() return big.new(2) ^ 0.5 end)
--> bad argument #2 to 'pow' (number has no integer representation)
try(function() return big.new(2) ^ "2" end)
--> bad argument #2 to 'pow' (Cu.BigInt expected, got string)
try(function() return big.new(2) < "3" end)
--> bad argument #2 to 'lt' (Cu.BigInt expected, got string)
try(function() return {} <= big.new(2) end)
--> bad argument #1 to 'le' (Cu.BigInt expected, got table)
try(function() return big.new(2) .. {} end)
--> attempt to concatenate a table value
try(function() return big.new(2) & big.new(1) end)
--> attempt to perform bitwise operation on a Cu.BigInt value
try(big.add, 5)
--> bad argument #1 to 'bigint.add' (Cu.BigInt expected, got number)
-- Too large for any memory.
try(function() return big.new(2) ^ (1 << 40) end)
--> not enough memory
try(function() return big.new(2) ^ big.new(2) ^ 100 end)
--> not enough memory
