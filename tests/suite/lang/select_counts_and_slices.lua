print(select("#"), select("#", nil), select("#", 1, nil, nil)) --> 0	1	3
print(select(2, "a", "b", "c")) --> b	c
print(select(-1, "a", "b", "c"), select(-2, "a", "b", "c")) --> c	b	c
print(select(4, "a", "b", "c")) -->
