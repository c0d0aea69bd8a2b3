local a, b = os.tmpname(), os.tmpname()
print(type(a), a ~= b, io.open(a):read("a") == "") --> string	true	true
print(os.remove(a), os.remove(b)) --> true	true
