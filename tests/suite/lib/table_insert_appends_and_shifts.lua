local t = {1, 2, 3}
table.insert(t, 4)
table.insert(t, 1, 0)
table.insert(t, 3, 1.5)
print(table.concat(t, " ")) --> 0 1 1.5 2 3 4
table.insert(t, #t + 1, "end")
print(#t, t[#t], select("#", table.insert(t, 1))) --> 7	end	0
