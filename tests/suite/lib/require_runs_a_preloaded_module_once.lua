package.preload["a.module"] = function(...)
  print("loading", ...)
  return { name = "module" }
end
print(require("a.module").name, select(2, require("a.module")))
print(require("a.module") == package.loaded["a.module"])
package.loaded["a.module"] = nil
print(select(2, require("a.module")))
--> loading	a.module	:preload:
--> module
--> true
--> loading	a.module	:preload:
--> :preload:
