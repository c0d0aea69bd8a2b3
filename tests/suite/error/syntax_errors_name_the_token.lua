for _, src in ipairs{"x =", "x = }", "local 1", "for", "return return", "a b", "x = 'abc", "if x then", "local function end", "f(", "{}", "x = [[abc", "goto 1", "::a", "x.1", "a.b:c = 1"} do
  print(select(2, load(src, "=c")))
end
--> c:1: unexpected symbol near <eof>
--> c:1: unexpected symbol near '}'
--> c:1: <name> expected near '1'
--> c:1: <name> expected near <eof>
--> c:1: unexpected symbol near 'return'
--> c:1: syntax error near 'b'
--> c:1: unfinished string near <eof>
--> c:1: 'end' expected near <eof>
--> c:1: <name> expected near 'end'
--> c:1: unexpected symbol near <eof>
--> c:1: unexpected symbol near '{'
--> c:1: unfinished long string (starting at line 1) near <eof>
--> c:1: <name> expected near '1'
--> c:1: '::' expected near <eof>
--> c:1: syntax error near '.1'
--> c:1: function arguments expected near '='
