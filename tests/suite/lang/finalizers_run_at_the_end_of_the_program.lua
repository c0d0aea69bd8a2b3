--? skip wasm: an instance is dropped, its state is never closed
X = setmetatable({}, {__gc = function() print("finalizer of X") end})
Y = setmetatable({}, {__gc = function() print("finalizer of Y") end})
print("end of main")
--> end of main
--> finalizer of Y
--> finalizer of X
