print(utf8.char(72, 228, 8364, 128512), #utf8.char(), #utf8.char(0), #utf8.char(0x7FFFFFFF)) --> Hä€😀	0	1	6
