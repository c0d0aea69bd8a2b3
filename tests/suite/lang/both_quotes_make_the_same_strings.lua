print('it\'s' == "it's", "say \"hi\"" == 'say "hi"', '"', "'") --> true	true	"	'
