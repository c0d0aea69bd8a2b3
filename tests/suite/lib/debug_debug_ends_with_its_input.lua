-- io.stdin is at its end, so it reads no command; and it has no results.
print(select("#", debug.debug())) --> 0
print("goes on") --> goes on
