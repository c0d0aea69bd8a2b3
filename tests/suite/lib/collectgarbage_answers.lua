print(collectgarbage(), collectgarbage("collect"), math.type(collectgarbage("count"))) --> 0	0	float
print(collectgarbage("isrunning"), collectgarbage("stop"), collectgarbage("isrunning"), collectgarbage("restart"), collectgarbage("isrunning")) --> true	0	false	0	true
collectgarbage("incremental")
print(collectgarbage("generational"), collectgarbage("incremental"), collectgarbage("incremental")) --> incremental	generational	incremental
print(type(collectgarbage("step")), type(collectgarbage("setpause", 200)), type(collectgarbage("setstepmul", 100))) --> boolean	number	number
