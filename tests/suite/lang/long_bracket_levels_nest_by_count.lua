print([==[a]]b]=]c]==]) --> a]]b]=]c
print([=[[[inner]]]=]) --> [[inner]]
print([[a]=]b]]) --> a]=]b
