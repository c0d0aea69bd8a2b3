local function rest(n, ...) return select(n, ...) end
print(rest(1, 'a', 'b', 'c')) --> a	b	c
print(rest(2, 'a', 'b', 'c')) --> b	c
print(rest(3, 'a', 'b', 'c')) --> c
print(rest(4, 'a', 'b', 'c')) -->
print(rest(-2, 'a', 'b', 'c')) --> b	c
print(rest('#', 'a', 'b', 'c')) --> 3
print((rest(2, 'a', 'b', 'c'))) --> b
