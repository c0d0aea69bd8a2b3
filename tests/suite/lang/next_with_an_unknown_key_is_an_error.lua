print(pcall(next, {}, "nokey")) --> false	invalid key to 'next'
print(pcall(next, {1, 2}, 3.5)) --> false	invalid key to 'next'
