print(("f(a(b)c)d"):match("%b()"), ("((x)"):match("%b()"), ("(x"):match("%b()"), ("begin end"):match("%bbd")) --> (a(b)c)	(x)	nil	begin end
print(("[[x]]"):match("%b[]"), ("''"):match("%b''")) --> [[x]]	''
