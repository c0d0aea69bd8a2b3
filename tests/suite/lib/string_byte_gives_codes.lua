print(("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(1, -1)) --> 97	98	99	97	98	99
print(("abc"):byte(10), (""):byte(), ("abc"):byte(3, 2)) --> nil	nil
print(("abc"):byte(0), ("abc"):byte(-10, 2)) --> nil	97	98
