for _, src in ipairs{"x += 1", "x++", "x != 1", "if x && y then end", "x = y ?: z", "x = a || b"} do
  print(select(2, load(src, "=c")))
end
--> c:1: syntax error near '+'
--> c:1: syntax error near '+'
--> c:1: syntax error near '!'
--> c:1: unexpected symbol near '&'
--> c:1: unexpected symbol near '?'
--> c:1: unexpected symbol near '|'
