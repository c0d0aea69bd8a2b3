-- Only errors of the language itself say that the line is not known.
local function stripped(source) return load(string.dump(load(source), true)) end
print(pcall(stripped "error('raised')"))                             --> false	raised
print(pcall(stripped "error('raised', 2)"))                          --> false	raised
print(pcall(stripped "coroutine.wrap(error)('inside')"))             --> false	inside
print(pcall(stripped "string.rep()"))                                --> false	bad argument #1 to 'rep' (string expected, got no value)
print(pcall(stripped "return 1 < {}"))                               --> false	?:-1: attempt to compare number with table
print(pcall(stripped "assert(load('local'))"))                       --> false	[string "local"]:1: <name> expected near <eof>
