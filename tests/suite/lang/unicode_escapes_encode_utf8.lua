print("\u{48}\u{49}", #"\u{7F}", #"\u{80}", #"\u{7FF}", #"\u{800}", #"\u{FFFF}", #"\u{10000}") --> HI	1	2	2	3	3	4
print(#"\u{1FFFFF}", #"\u{200000}", #"\u{3FFFFFF}", #"\u{4000000}", #"\u{7FFFFFFF}") --> 4	5	5	6	6
print(string.byte("\u{20AC}", 1, -1)) --> 226	130	172
print(string.byte("\u{7FFFFFFF}", 1, -1)) --> 253	191	191	191	191	191
print("\u{0000000041}") --> A
