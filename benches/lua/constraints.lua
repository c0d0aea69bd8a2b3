local N = ... or 1800
-- Variables tied by one-way constraints of different strengths: plans are made, run and thrown away.
local Variable = {}
Variable.__index = Variable
function Variable.new(value)
  return setmetatable({value = value, determined = nil, constraints = {}, mark = 0, stay = true}, Variable)
end

local Constraint = {}
Constraint.__index = Constraint
function Constraint:inputs_known(mark)
  for _, v in ipairs(self.inputs) do
    if v.mark ~= mark and v.determined and not v.stay then return false end
  end
  return true
end
function Constraint:attach()
  for _, v in ipairs(self.inputs) do v.constraints[#v.constraints + 1] = self end
  local out = self.output
  if out.determined and out.determined.strength <= self.strength then
    out.determined.overridden = true
  end
  out.determined, out.stay = self, false
end
function Constraint:detach()
  for _, v in ipairs(self.inputs) do
    local list = v.constraints
    for i = #list, 1, -1 do if list[i] == self then table.remove(list, i) end end
  end
  if self.output.determined == self then self.output.determined, self.output.stay = nil, true end
end

local Equal = setmetatable({}, {__index = Constraint})
Equal.__index = Equal
function Equal.new(from, to, strength)
  return setmetatable({inputs = {from}, output = to, strength = strength}, Equal)
end
function Equal:run() self.output.value = self.inputs[1].value end

local Scale = setmetatable({}, {__index = Constraint})
Scale.__index = Scale
function Scale.new(from, factor, offset, to, strength)
  return setmetatable({inputs = {from, factor, offset}, output = to, strength = strength}, Scale)
end
function Scale:run()
  local inputs = self.inputs
  self.output.value = inputs[1].value * inputs[2].value + inputs[3].value
end

-- The constraints that follow from a change of these variables, in the order in which they can run.
local marks = 0
local function plan(sources)
  marks = marks + 1
  local list, todo, first = {}, {}, 1
  for _, v in ipairs(sources) do
    v.mark = marks
    for _, c in ipairs(v.constraints) do todo[#todo + 1] = c end
  end
  while first <= #todo do
    local c = todo[first]
    first = first + 1
    if not c.overridden and c.output.mark ~= marks and c:inputs_known(marks) then
      list[#list + 1] = c
      c.output.mark = marks
      for _, next in ipairs(c.output.constraints) do todo[#todo + 1] = next end
    end
  end
  return list
end

local function change(v, value)
  v.value = value
  local steps = plan {v}
  for i = 1, #steps do steps[i]:run() end
  return #steps
end

local total = 0
-- A long chain of equal variables.
local chain = {}
for i = 1, 100 do
  chain[i] = Variable.new(0)
  if i > 1 then Equal.new(chain[i - 1], chain[i], 2):attach() end
end
for i = 1, N do
  total = total + change(chain[1], i)
  assert(chain[100].value == i)
end
-- Many variables that follow from shared factors.
local factor, offset, sources, results = Variable.new(2), Variable.new(1), {}, {}
for i = 1, 80 do
  sources[i], results[i] = Variable.new(i), Variable.new(0)
  Scale.new(sources[i], factor, offset, results[i], 3):attach()
end
for i = 1, N do
  total = total + change(factor, i) + change(offset, i % 7)
  assert(results[80].value == 80 * i + i % 7)
  local extra = Equal.new(results[i % 80 + 1], Variable.new(0), 1)
  extra:attach()
  total = total + change(sources[i % 80 + 1], i % 100)
  assert(extra.output.value == (i % 100) * i + i % 7)
  extra:detach()
  change(sources[i % 80 + 1], i % 80 + 1)
end
assert(total == N * (99 + 80 + 80 + 2))
return total
