do
  do goto out end
  print("no")
  ::out::
  print("here")
end --> here
