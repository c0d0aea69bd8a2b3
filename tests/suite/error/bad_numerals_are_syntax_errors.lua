for _, src in ipairs{"0x", "1e", "1e+", "3x", "0x1p", "1..2", "0xg", "1.2.3", "08a", "1_000"} do
  print(select(2, load("return " .. src, "=c")))
end
--> c:1: malformed number near '0x'
--> c:1: malformed number near '1e'
--> c:1: malformed number near '1e+'
--> c:1: malformed number near '3x'
--> c:1: malformed number near '0x1p'
--> c:1: malformed number near '1..2'
--> c:1: malformed number near '0xg'
--> c:1: malformed number near '1.2.3'
--> c:1: malformed number near '08a'
--> c:1: malformed number near '1_'
