for _, p in ipairs{"[a", "[", "[^", "%", "(a", "a)", "%b", "%bx", "%f", "%fa", "%1", "(a)%2", "[a-", "[%", "(()", "%g("} do
  print(p, select(2, pcall(string.find, "aaa", p)))
end
--> [a	malformed pattern (missing ']')
--> [	malformed pattern (missing ']')
--> [^	malformed pattern (missing ']')
--> %	malformed pattern (ends with '%')
--> (a	unfinished capture
--> a)	nil
--> %b	malformed pattern (missing arguments to '%b')
--> %bx	malformed pattern (missing arguments to '%b')
--> %f	missing '[' after '%f' in pattern
--> %fa	missing '[' after '%f' in pattern
--> %1	invalid capture index %1
--> (a)%2	invalid capture index %2
--> [a-	malformed pattern (missing ']')
--> [%	malformed pattern (missing ']')
--> (()	unfinished capture
--> %g(	unfinished capture
