-- A mistake: run it, and see where the line is underlined.
-- Places in the message can be clicked.

local people = {
  ada   = { address = { city = "London" } },
  grace = { address = { city = "New York" } },
  alan  = {},
}

local function city(name)
  local person = people[name]
  return person.address.city
end

for _, name in ipairs { "ada", "grace", "alan" } do
  print(name, city(name))
end
