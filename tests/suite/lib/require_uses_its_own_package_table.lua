package.preload.m = function() return "found" end
local kept = package
package = { preload = {}, loaded = {}, path = "", cpath = "", searchers = {} }
print(require "m") --> found	:preload:
print(kept.loaded.m, kept.loaded.package == kept) --> found	true
