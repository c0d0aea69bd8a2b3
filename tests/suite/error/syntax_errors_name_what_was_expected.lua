for _, src in ipairs{"do", "while x", "while x do", "repeat", "for i", "for i = 1", "for i = 1 do end", "for k, v", "for k in x", "if x", "if x then else", "function f", "function f(a,", "function f(a b) end", "local x <", "t = {1, 2", "t = {[1 = 2}", "return (1", "f(1", "x:y", "a.", "a:"} do
  print(select(2, load(src, "=c")))
end
--> c:1: 'end' expected near <eof>
--> c:1: 'do' expected near <eof>
--> c:1: 'end' expected near <eof>
--> c:1: 'until' expected near <eof>
--> c:1: '=' or 'in' expected near <eof>
--> c:1: ',' expected near <eof>
--> c:1: ',' expected near 'do'
--> c:1: 'in' expected near <eof>
--> c:1: 'do' expected near <eof>
--> c:1: 'then' expected near <eof>
--> c:1: 'end' expected near <eof>
--> c:1: '(' expected near <eof>
--> c:1: <name> or '...' expected near <eof>
--> c:1: ')' expected near 'b'
--> c:1: <name> expected near <eof>
--> c:1: '}' expected near <eof>
--> c:1: ']' expected near '='
--> c:1: ')' expected near <eof>
--> c:1: ')' expected near <eof>
--> c:1: function arguments expected near <eof>
--> c:1: <name> expected near <eof>
--> c:1: <name> expected near <eof>
