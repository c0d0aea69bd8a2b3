print(select("#", ...)) --> 0
print(load("return select('#', ...), ...")(1, 2)) --> 2	1	2
