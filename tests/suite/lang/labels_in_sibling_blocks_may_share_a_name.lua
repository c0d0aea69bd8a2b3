do goto l; print("no") ::l:: end
do goto l; print("no") ::l:: end
for i = 1, 2 do goto l; print("no") ::l:: print(i) end
--> 1
--> 2
