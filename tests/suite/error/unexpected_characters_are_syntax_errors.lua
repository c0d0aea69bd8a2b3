for _, src in ipairs{"@", "$x", "x = #", "x = !y", "a ? b", "`", "\\", "x = 1 & & 2", "\1", "\xff"} do
  print(select(2, load(src, "=c")))
end
--> c:1: unexpected symbol near '@'
--> c:1: unexpected symbol near '$'
--> c:1: unexpected symbol near <eof>
--> c:1: unexpected symbol near '!'
--> c:1: syntax error near '?'
--> c:1: unexpected symbol near '`'
--> c:1: unexpected symbol near '\'
--> c:1: unexpected symbol near '&'
--> c:1: unexpected symbol near '<\1>'
--> c:1: unexpected symbol near '<\255>'
