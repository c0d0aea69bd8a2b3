local N = ... or 9000
-- A text adventure played by a script: rooms and commands as tables of functions, states, strings taken apart.
local function world()
  local rooms = {
    hall = {text = "A long hall. A lamp hangs here.", exits = {north = "library", east = "kitchen"}, items = {lamp = true}},
    library = {text = "Books up to the ceiling.", exits = {south = "hall", up = "attic"}, items = {book = true, key = true}},
    kitchen = {text = "It smells of soup.", exits = {west = "hall", down = "cellar"}, items = {bread = true}, locked = {down = "key"}},
    attic = {text = "Dust and spiders.", exits = {down = "library"}, items = {rope = true}},
    cellar = {text = "It is pitch dark.", exits = {up = "kitchen"}, items = {gold = true}, dark = true},
  }
  return {rooms = rooms, at = "hall", bag = {}, n_carried = 0, turns = 0, score = 0, log = {}, state = "playing"}
end

local function say(game, format, ...)
  game.log[#game.log + 1] = select("#", ...) > 0 and format:format(...) or format
end

local function listed(items)
  local names = {}
  for name in pairs(items) do names[#names + 1] = name end
  table.sort(names)
  return #names == 0 and "nothing" or table.concat(names, ", ")
end

local commands = {}
function commands.look(game)
  local room = game.rooms[game.at]
  if room.dark and not game.bag.lamp then return say(game, "You see nothing.") end
  say(game, "%s You see %s.", room.text, listed(room.items))
end
function commands.go(game, direction)
  local room = game.rooms[game.at]
  local to = room.exits[direction]
  if not to then return say(game, "You cannot go %s.", direction or "nowhere") end
  local key = room.locked and room.locked[direction]
  if key and not game.bag[key] then return say(game, "The door is locked.") end
  game.at = to
  return commands.look(game)
end
function commands.take(game, item)
  local items = game.rooms[game.at].items
  if not item or not items[item] then return say(game, "There is no %s.", item or "such thing") end
  if game.n_carried >= 4 then return say(game, "You carry too much.") end
  items[item], game.bag[item] = nil, true
  game.n_carried = game.n_carried + 1
  if item == "gold" then game.score, game.state = game.score + 50, "rich" end
  say(game, "Taken: %s.", item)
end
function commands.drop(game, item)
  if not game.bag[item] then return say(game, "You have no %s.", item) end
  game.bag[item], game.rooms[game.at].items[item] = nil, true
  game.n_carried = game.n_carried - 1
  say(game, "Dropped: %s.", item)
end
function commands.inventory(game) say(game, "You carry %s.", listed(game.bag)) end
function commands.quit(game) game.state = "over" end

local aliases = {n = "go north", s = "go south", e = "go east", w = "go west", u = "go up", d = "go down", i = "inventory", l = "look"}
local states = {}
function states.playing(game, line)
  line = line:lower():gsub("^%s+", ""):gsub("%s+$", "")
  line = aliases[line] or line
  local verb, rest = line:match("^(%a+)%s*(.*)$")
  local command = verb and commands[verb]
  if not command then return say(game, "I do not know how to '%s'.", line) end
  for noise in pairs {the = true, a = true} do rest = rest:gsub("^" .. noise .. "%s+", "") end
  command(game, rest ~= "" and rest or nil)
end
function states.rich(game, line)
  states.playing(game, line)
  if game.at == "hall" and game.state ~= "over" then
    game.score, game.state = game.score + 50, "over"
    say(game, "You leave with %s. You have won.", listed(game.bag))
  end
end

local script = [[
look
take the lamp
n
dance
TAKE KEY
take a book
drop book
u
take rope
  inventory
d
s
e
go nowhere
d
take gold
l
u
w
]]
local lines = {}
for line in script:gmatch("[^\n]+") do lines[#lines + 1] = line end
local sum = 0
for _ = 1, N do
  local game = world()
  for _, line in ipairs(lines) do
    if game.state == "over" then break end
    game.turns = game.turns + 1
    states[game.state](game, line)
  end
  assert(game.state == "over" and game.score == 100 and game.turns == #lines)
  assert(game.log[#game.log] == "You leave with gold, key, lamp, rope. You have won.")
  local text = table.concat(game.log, "\n")
  sum = sum + #text
end
assert(sum % N == 0)
return sum
