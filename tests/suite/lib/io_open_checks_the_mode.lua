for _, mode in ipairs { "rw", "rb+", "r+bk", "", "+", "b", "x" } do
  print(mode, select(2, pcall(io.open, "x", mode)))
end
local name = os.tmpname()
for _, mode in ipairs { "r", "rb", "r+", "r+b", "w", "w+b", "a", "a+", "ab" } do
  print(mode, io.open(name, mode):close())
end
os.remove(name)
--> rw	bad argument #2 to 'io.open' (invalid mode)
--> rb+	bad argument #2 to 'io.open' (invalid mode)
--> r+bk	bad argument #2 to 'io.open' (invalid mode)
--> 	bad argument #2 to 'io.open' (invalid mode)
--> +	bad argument #2 to 'io.open' (invalid mode)
--> b	bad argument #2 to 'io.open' (invalid mode)
--> x	bad argument #2 to 'io.open' (invalid mode)
--> r	true
--> rb	true
--> r+	true
--> r+b	true
--> w	true
--> w+b	true
--> a	true
--> a+	true
--> ab	true
