print(("abc"):reverse(), (""):reverse(), ("MiXed 1"):lower(), ("MiXed 1"):upper(), ("a\0b"):len()) --> cba		mixed 1	MIXED 1	3
print(("\xe4\xc4"):upper() == "\xe4\xc4") --> true
