print(not 1 == 2, not (1 == 2), not nil == true) --> false	true	true
