do
  local a <close> = nil
  local b <close> = false
  print("inside")
end --> inside
print("outside") --> outside
