print(os.setlocale("C"), os.setlocale("C", "numeric"), os.setlocale("POSIX"), os.setlocale("C", "all")) --> C	C	C	C
print(os.setlocale("no such locale"), os.setlocale("pt_XX", "ctype")) --> nil	nil
print(pcall(os.setlocale, "C", "bad")) --> false	bad argument #2 to 'os.setlocale' (invalid option 'bad')
print(pcall(os.setlocale, {})) --> false	bad argument #1 to 'os.setlocale' (string expected, got table)
