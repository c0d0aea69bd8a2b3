//! The doors: how input for each is made, and what is done with it.

use std::fs;
use std::io;
use std::path::Path;

use cu_ext_table::memory::MapStore;
use cu_ext_table::{BigIntegers, Options};
use cu_tests::differ;
use cu_tests::differ::random::Random;
use cu_tests::prove::hostile::Corpus;

use super::answers;
use crate::machine::Machine;

/// What one input may use.
const FUEL: u64 = 20_000;
const MEMORY: usize = 8 << 20;
/// A door to the machine.
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// How many inputs everyday runs make.
    pub everyday: u64,
    /// Makes an input.
    pub make: fn(&Seeds, &mut Random) -> Vec<u8>,
    /// Hands it in.
    pub take: fn(&mut Door, &[u8]),
}

/// The doors.
pub const TARGETS: [Target; 9] = [
    Target {
        name: "source",
        everyday: 2_000,
        make: |seeds, random| seeds.corpus.script(random.bits()),
        take: |door, input| drop(door.machine.run(input)),
    },
    Target {
        name: "program",
        everyday: 300,
        make: |_, random| differ::source(random.bits(), 13, |_| true).into_bytes(),
        take: |door, input| drop(door.machine.run(input)),
    },
    Target {
        name: "chunk",
        everyday: 20_000,
        make: |seeds, random| broken(random, &seeds.chunks),
        take: |door, input| drop(door.machine.run_chunk(input, &[1, 2])),
    },
    Target {
        name: "stored",
        everyday: 20_000,
        make: |seeds, random| broken(random, &seeds.stored),
        take: |door, input| door.read_stored(input),
    },
    Target {
        name: "answer",
        everyday: 5_000,
        make: |_, random| {
            (0..random.below(200))
                .map(|_| random.bits() as u8)
                .collect()
        },
        take: |_, input| answers::take(input),
    },
    Target {
        name: "pattern",
        everyday: 5_000,
        make: |_, random| pattern(random),
        take: |door, input| {
            door.call(
                "local s, p = ('aXb(c)d %1[z]'):rep(5), INPUT return pcall(string.find, s, p), pcall(string.gsub, s, p, '%1%0'), pcall(string.gsub, p, p, {}), pcall(function() for a, b in p:gmatch(p) do end end)",
                input,
            );
        },
    },
    Target {
        name: "numeral",
        everyday: 5_000,
        make: |_, random| numeral(random),
        take: |door, input| {
            door.call(
                "local n = tonumber(INPUT) local f = load('return ' .. INPUT) if f then n = f() end for b = 2, 36 do n = tonumber(INPUT, b) or n end return n, tostring(n), math.type(n), #('%a'):format(n or 0), INPUT + 1",
                input,
            );
        },
    },
    Target {
        name: "format",
        everyday: 5_000,
        make: |_, random| formats(random),
        take: |door, input| {
            door.call(
                "local f = INPUT return pcall(string.format, f, 1, 'x', 2.5, -1, {}), pcall(string.pack, f, 1, 2, 'x', 3.5), pcall(string.unpack, f, f .. f), pcall(string.packsize, f), pcall(os.date, f, 1e9)",
                input,
            );
        },
    },
    Target {
        name: "bytes",
        everyday: 5_000,
        make: |_, random| (0..random.below(60)).map(|_| random.bits() as u8).collect(),
        take: |door, input| {
            door.call(
                "local s = INPUT return pcall(load, s), pcall(load, '\\27Lua' .. s), utf8.len(s, 1, -1, true), pcall(utf8.codepoint, s, 1, -1), s:upper():reverse(), ('%q'):format(s), pcall(string.unpack, 's1', s), _home[s], require('bigint')",
                input,
            );
        },
    },
];

/// What inputs are made from.
pub struct Seeds {
    corpus: Corpus,
    chunks: Vec<Vec<u8>>,
    stored: Vec<Vec<u8>>,
}

/// A machine with a store, to which inputs are handed.
pub struct Door {
    /// The machine.
    pub machine: Machine,
    store: MapStore,
}

impl Seeds {
    /// Programs of the suite, what the machine dumps of them, and what it stores.
    pub fn collect() -> Seeds {
        let corpus = Corpus::collect().unwrap_or_else(|e| panic!("the corpus: {e}"));
        let mut machine = Machine::new();
        let mut chunks = Vec::new();
        for program in corpus.programs().iter().take(800) {
            machine.set_global("SOURCE", program);
            for strip in ["false", "true"] {
                let dumped = machine.run_bytes(&format!(
                    "local f = load(SOURCE) return f and string.dump(f, {strip}) or ''"
                ));
                chunks.extend(dumped.filter(|bytes| !bytes.is_empty() && bytes.len() < 4000));
            }
        }
        assert!(chunks.len() > 500, "only {} chunks", chunks.len());
        let mut door = Door::new();
        let made = door.machine.run(
            "local up, other = 1, {}
            for i, v in ipairs {1, -1, 2.5, 1 / 0, 0 / 0, math.mininteger, '', 'text', ('long'):rep(100), '\\0\\255', true, false,
                {}, {1, 2, {3}}, {x = {y = {z = 1}}}, function(a) up = up + a return up, other end, print, string.rep,
                require 'bigint'.new('123456789012345678901234567890'), _home, {[1.5] = 1, [true] = 2}} do
              _home[i] = v
            end
            local t = {} t.t = t _home.cycle = t",
        );
        assert_eq!(made.as_deref(), Ok(""));
        let tables = door.store.tables();
        let stored: Vec<Vec<u8>> = tables.values().flat_map(|t| t.values().cloned()).collect();
        assert!(stored.len() > 20, "only {} stored values", stored.len());
        Seeds {
            corpus,
            chunks,
            stored,
        }
    }

    /// Writes them into folders for a fuzzer that changes files.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        for (name, seeds) in [("chunk", &self.chunks), ("stored", &self.stored)] {
            let folder = folder.join(name);
            fs::create_dir_all(&folder)?;
            for (n, seed) in seeds.iter().enumerate() {
                fs::write(folder.join(n.to_string()), seed)?;
            }
        }
        Ok(())
    }
}

impl Door {
    /// A new machine over an empty store.
    pub fn new() -> Door {
        let mut machine = Machine::new();
        let store = MapStore::new();
        let options = Options {
            find: cu_stdlib::find,
            next_id: 1,
            big_integers: Some(BigIntegers {
                bytes: cu_stdlib::bigint::to_bytes,
                push: cu_stdlib::bigint::push_from_bytes::<cu_stdlib::bigint::Num>,
            }),
            ..Options::default()
        };
        let opened = cu_ext_table::open(&mut machine.vm, Box::new(store.clone()), options);
        opened.unwrap_or_else(|e| panic!("{e:?}"));
        Door { machine, store }
    }

    /// Gives it what one input may use.
    pub fn limit(&mut self) {
        self.machine.vm.set_memory_limit(MEMORY);
        self.machine.vm.set_fuel(Some(FUEL));
    }

    /// Runs a program that has the input in a global variable.
    fn call(&mut self, program: &str, input: &[u8]) {
        self.machine.set_global("INPUT", input);
        drop(self.machine.run(program));
    }

    /// Reads the input as the value of an entry, and uses what comes of it.
    fn read_stored(&mut self, input: &[u8]) {
        const USE: &str = "
            local seen = {}
            local function use(v, depth)
              if seen[v] or depth > 5 then return end
              if type(v) == 'table' then
                seen[v] = true
                for k, w in pairs(v) do use(k, depth + 1) use(w, depth + 1) end
                v[1] = #v
              elseif type(v) == 'function' then
                pcall(v, 1, 2)
                _home.again = v
              else
                _home.again = v
              end
              return tostring(v)
            end
            return pcall(use, _home.x, 1), pcall(use, _home[1], 1)";
        self.store.put(1, b"x", input);
        self.store.put(5, b"y", input);
        cu_ext_table::begin(&mut self.machine.vm);
        drop(self.machine.run(USE));
        self.machine.vm.set_fuel(Some(FUEL));
        if cu_ext_table::finish(&mut self.machine.vm).is_err() {
            self.machine.vm.take_error();
        }
    }
}

/// One of these with something wrong, or several things.
fn broken(random: &mut Random, originals: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = originals[random.below(originals.len())].clone();
    for _ in 0..random.below(5) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(10) {
            0 => bytes.truncate(at),
            1 => {
                bytes.remove(at);
            }
            2 => bytes.insert(at, random.bits() as u8),
            3 => {
                let other = &originals[random.below(originals.len())];
                let from = random.below(other.len() + 1);
                let to = other.len().min(from + random.below(64));
                let end = bytes.len().min(at + to - from);
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            4 => bytes[at] = [0, 0x7f, 0x80, 0xff, 1][random.below(5)],
            5 => bytes[at] = random.bits() as u8,
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
    bytes
}

fn pick_all(random: &mut Random, most: usize, parts: &[&str]) -> Vec<u8> {
    let mut text = String::new();
    for _ in 0..random.below(most) {
        text.push_str(random.pick(parts));
    }
    text.into_bytes()
}

fn pattern(random: &mut Random) -> Vec<u8> {
    const PARTS: [&str; 40] = [
        "a", "X", ".", "%a", "%W", "%d", "%s", "[", "]", "[^", "a-z", "%]", "(", ")", "()", "*",
        "+", "-", "?", "^", "$", "%1", "%2", "%9", "%b()", "%bxx", "%f[%a]", "%f", "%b", "%",
        "[]]", "[^]]", "(a*)", "(.-)", "%0", "\0", "[%z]", "[a-]", "[%a-z]", "\u{e9}",
    ];
    pick_all(random, 14, &PARTS)
}

fn numeral(random: &mut Random) -> Vec<u8> {
    const PARTS: [&str; 30] = [
        "0",
        "1",
        "9",
        "12345678901234567890",
        "0x",
        "0X",
        "f",
        "A",
        ".",
        "e",
        "E",
        "p",
        "P",
        "+",
        "-",
        " ",
        "\t",
        "inf",
        "nan",
        "1e",
        "308",
        "-324",
        "9223372036854775807",
        "0x7fffffffffffffff",
        "00000000",
        "_",
        "\0",
        "e999999",
        "p-9999",
        "..",
    ];
    pick_all(random, 8, &PARTS)
}

fn formats(random: &mut Random) -> Vec<u8> {
    const PARTS: [&str; 50] = [
        "%d",
        "%5.2f",
        "%s",
        "%q",
        "%a",
        "%g",
        "%i",
        "%c",
        "%x",
        "%o",
        "%u",
        "%p",
        "%%",
        "%",
        "%-10s",
        "%+d",
        "%#x",
        "%010d",
        "%99.99f",
        "%100d",
        "%.3s",
        "%*d",
        "i",
        "i4",
        "i16",
        "i17",
        "j",
        "n",
        "d",
        "f",
        "s",
        "s1",
        "s8",
        "z",
        "x",
        "X",
        "Xi4",
        "!",
        "!8",
        "<",
        ">",
        "=",
        " ",
        "c",
        "c10",
        "c99999999",
        "%Y",
        "%E",
        "%Ox",
        "B",
    ];
    pick_all(random, 10, &PARTS)
}
