local loc = "local"
glob = "global"
print(load("return loc, glob")()) --> nil	global
