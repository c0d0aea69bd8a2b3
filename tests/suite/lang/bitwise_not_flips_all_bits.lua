print(~0, ~5, ~~5, ~math.maxinteger == math.mininteger) --> -1	-6	5	true
