print(os.getenv("CU_TEST_NOT_SET"), os.getenv(""), os.getenv("A=B")) --> nil	nil	nil
print(pcall(os.getenv)) --> false	bad argument #1 to 'os.getenv' (string expected, got no value)
