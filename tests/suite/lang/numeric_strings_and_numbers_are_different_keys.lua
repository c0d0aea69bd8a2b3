local t = {["1"] = "s", [1] = "i"}
print(t[1], t["1"], t[1.0], t["1.0"]) --> i	s	i	nil
