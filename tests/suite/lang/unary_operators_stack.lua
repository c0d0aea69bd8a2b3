print(- - 2, not not not nil, ~ ~ 3, - - -1, #"ab" + -#"c") --> 2	true	3	-1	1
