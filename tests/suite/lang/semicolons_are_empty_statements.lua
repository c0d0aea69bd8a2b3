;;; local a = 1; ; print(a); --> 1
do ; end
print("done") ; --> done
