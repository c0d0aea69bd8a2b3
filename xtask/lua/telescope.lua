-- For specs written for telescope, whose assertions are global functions: their names for busted's.
local assert = require "luassert"

assert_equal = assert.equal
assert_error = assert.has_error
