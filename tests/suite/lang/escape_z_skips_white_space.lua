local a = "one\z
       two\z   three"
local b = "x\z
    

    y\zz"
print(a, b) --> onetwothree	xyz
