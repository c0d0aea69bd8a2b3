-- An endless loop: watch fuel, time and memory, then press Stop (or Escape).
-- Nothing in the program can prevent that, not even pcall.

local n = 0
while true do
  pcall(function()
    while true do
      n = n + 1
      if n % 5000000 == 0 then print(n) end
    end
  end)
end
