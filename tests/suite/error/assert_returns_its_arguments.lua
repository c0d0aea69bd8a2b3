print(assert(1, 2, 3)) --> 1	2	3
print(select("#", assert(true, nil, nil))) --> 3
