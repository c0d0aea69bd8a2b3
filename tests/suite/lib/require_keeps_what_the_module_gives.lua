package.preload.nothing = function() end
package.preload.no = function() return false end
package.preload.own = function(name) package.loaded[name] = "own" end
package.preload.both = function(name) package.loaded[name] = "own" return "returned" end
print(require "nothing") --> true	:preload:
print(package.loaded.nothing) --> true
print(require "no") --> false	:preload:
print(require "own") --> own	:preload:
print(require "both") --> returned	:preload:
print(require "string" == string, require "_G" == _G, select("#", require "math")) --> true	true	1
