x = 1
print(_G.x, _ENV.x, _G._G == _G, _ENV == _G) --> 1	1	true	true
_G["y y"] = 2
print(_G["y y"]) --> 2
