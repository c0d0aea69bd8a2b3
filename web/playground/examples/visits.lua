-- Things that last: press Save, reload the page, and what is in
-- _home is still there. Functions are kept, with their variables.

_home.visits = (_home.visits or 0) + 1
_home.last = os.date("%H:%M:%S")

if not _home.next_number then
  local n = 0
  function _home.next_number()
    n = n + 1
    return n
  end
end

print("run number " .. _home.visits)
print("the stored function says " .. _home.next_number())

return _home.visits
