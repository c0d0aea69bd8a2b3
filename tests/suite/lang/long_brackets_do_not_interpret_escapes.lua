print([[a\nb\z  c]]) --> a\nb\z  c
print(#[[\]]) --> 1
