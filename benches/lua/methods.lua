local N = ... or 4500000
-- Method calls on one object: lookup of self's fields and of methods one table away.
local Account = {}
Account.__index = Account
function Account:deposit(n) self.balance = self.balance + n end
function Account:withdraw(n) if n <= self.balance then self.balance = self.balance - n return true end return false end
function Account:get() return self.balance end
local acc = setmetatable({balance = 0, refused = 0}, Account)
for i = 1, N do
  acc:deposit(3)
  if not acc:withdraw(i % 7) then acc.refused = acc.refused + 1 end
end
local check = acc:get() + acc.refused
if N == 4500000 then assert(check == 9) end
return check
