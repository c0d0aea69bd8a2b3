package.path = nil
print(pcall(require, "x")) --> false	'package.path' must be a string
package.path = "?"
package.cpath = {}
print(pcall(require, "no-such-module")) --> false	'package.cpath' must be a string
package.searchers = nil
print(pcall(require, "x")) --> false	'package.searchers' must be a table
package.searchers = {}
print(pcall(require, "x")) --> false	module 'x' not found:
print(pcall(require)) --> false	bad argument #1 to 'require' (string expected, got no value)
print(pcall(require, {})) --> false	bad argument #1 to 'require' (string expected, got table)
