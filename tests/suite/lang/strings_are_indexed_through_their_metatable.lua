print(("abc").len == string.len, ("abc"):len(), ("abc").x) --> true	3	nil
