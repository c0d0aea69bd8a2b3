print(("%x|%X|%#x|%o|%#o"):format(255, 255, 255, 8, 8)) --> ff|FF|0xff|10|010
print(("%x"):format(-1), ("%08X"):format(0xbeef), ("%#X"):format(255), ("%5x|%-5x|"):format(10, 10)) --> ffffffffffffffff	0000BEEF	0XFF	    a|a    |
