print(("aaa"):match("a*"), ("aaa"):match("a+"), ("aaa"):match("a-") .. "|", ("aaa"):match("a?")) --> aaa	aaa	|	a
print(("<b>x</b>"):match("<.*>"), ("<b>x</b>"):match("<.->"), ("bbb"):match("a*") .. "|", ("aXb"):match("a.-b")) --> <b>x</b>	<b>	|	aXb
print(("aab"):match("a*ab"), ("aab"):match("a-b"), ("ab"):match("a?b"), ("b"):match("a?b")) --> aab	aab	ab	b
