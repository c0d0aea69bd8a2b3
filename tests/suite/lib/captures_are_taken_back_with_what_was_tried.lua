print(("aaab"):match("(a-)(a*)b")) --> 	aaa
print(("aaab"):match("((a?)a?)ab()")) --> aa	a	5
print(("xabab"):match("((.-)b)()$")) --> xabab	xaba	6
print(("aab"):match("(a*(a))b")) --> aa	a
print(("abcabd"):match("((ab)(c?))d")) --> ab	ab	
print(("[[x]]"):match("(%[)(%[)(.-)%](%])")) --> [	[	x	]
print(pcall(string.match, "a", "(()")) --> false	unfinished capture
print(pcall(string.gsub, "ab", "(a", "-")) --> true	-b	1
print(("a,b;c.d "):rep(3):gsub("[,;.]", "--")) --> a--b--c--d a--b--c--d a--b--c--d 	9
print(("hello world"):gsub("o", "0", 1)) --> hell0 world	1
print(("abc"):gsub("", "-")) --> -a-b-c-	4
print(("abc"):gsub("^a", "x"), ("aaa"):gsub("^a", "x")) --> xbc	xaa	1
for c in ("a1b22"):gmatch("%d+") do io.write(c, " ") end print() --> 1 22 
