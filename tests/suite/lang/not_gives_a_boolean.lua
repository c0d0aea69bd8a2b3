print(not nil, not false, not 0, not "", not {}, not not nil, not not 1) --> true	true	false	false	false	false	true
