//! A store whose answers are the input: right ones, wrong ones, and none.

use cu_ext_table::{Options, Store, StoreError, StoreResult};

use crate::machine::Machine;

/// What one program may use.
const FUEL: u64 = 5_000;
const MEMORY: usize = 4 << 20;

/// What programs do with a store.
const PROGRAMS: [&str; 6] = [
    "for k, v in pairs(_home) do _home[k] = v end return #_home, next(_home)",
    "for i = 1, 9 do local f = _home[i] if type(f) == 'function' then pcall(f, i) elseif type(f) == 'table' then f[1] = #f end end",
    "local t = _home.t t.x = {1, {3, n = t}} return t.x[2], rawget(t, 'x')",
    "table.insert(_home, 1, 2) table.sort(_home) return table.concat(_home), table.unpack(_home)",
    "local n, c = 0, {} c.c = c _home.f = function() n = n + 1 c[n] = c return n end return _home.f(), _home.f()",
    "local t = ext.table() for i = 1, 9 do t[#t + 1] = i end _home[1] = nil return #t, rawlen(_home)",
];

/// Runs some programs over a store that answers with these bytes.
pub fn take(input: &[u8]) {
    let mut machine = Machine::new();
    let store = Box::new(Answers {
        rest: input.to_vec(),
    });
    let options = Options {
        find: cu_stdlib::find,
        next_id: 1,
        ..Options::default()
    };
    let opened = cu_ext_table::open(&mut machine.vm, store, options);
    opened.unwrap_or_else(|e| panic!("{e:?}"));
    let first = input.first().copied().unwrap_or_default();
    for i in 0..3 {
        machine.vm.set_memory_limit(MEMORY);
        machine.vm.set_fuel(Some(FUEL));
        cu_ext_table::begin(&mut machine.vm);
        drop(machine.run(PROGRAMS[(usize::from(first) + i) % PROGRAMS.len()]));
        machine.vm.set_fuel(Some(FUEL));
        if cu_ext_table::finish(&mut machine.vm).is_err() {
            machine.vm.take_error();
        }
    }
    machine.assert_alive("such answers");
}

/// The bytes that have not been answered yet.
struct Answers {
    rest: Vec<u8>,
}

impl Answers {
    fn byte(&mut self) -> u8 {
        self.rest.pop().unwrap_or_default()
    }

    fn bytes(&mut self, out: &mut Vec<u8>) {
        let n = usize::from(self.byte() % 48).min(self.rest.len());
        out.extend(self.rest.drain(..n));
    }

    fn status(&mut self) -> StoreResult<()> {
        match self.byte() {
            255 => Err(StoreError::TooLarge(usize::from(self.byte()) << 33)),
            254 => Err(StoreError::Refused),
            253 => Err(StoreError::Broken("an answer")),
            _ => Ok(()),
        }
    }
}

impl Store for Answers {
    fn get(&mut self, _table: u32, _key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        self.status()?;
        let kind = self.byte();
        if kind >= 16 {
            // So that more than one answer in twenty has a tag that there is.
            value.push(kind % 12);
        }
        self.bytes(value);
        Ok(kind != 0)
    }

    fn set(&mut self, _table: u32, _key: &[u8], _value: &[u8]) -> StoreResult<()> {
        self.status()
    }

    fn delete(&mut self, _table: u32, _key: &[u8]) -> StoreResult<()> {
        self.status()
    }

    fn size(&mut self, _table: u32) -> StoreResult<u32> {
        self.status()?;
        let n = u32::from(self.byte());
        Ok(if n < 240 { n % 12 } else { n << 24 })
    }

    fn keys(&mut self, _table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        self.status()?;
        let mut key = Vec::new();
        for _ in 0..self.byte() % 8 {
            key.clear();
            self.bytes(&mut key);
            each(&key);
        }
        Ok(self.byte() != 0)
    }
}
