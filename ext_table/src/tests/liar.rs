//! A store that lies: whatever it answers, no program does more than fail, and the machine goes on.

use super::*;
use crate::store::{StoreError, StoreResult};

/// Answers made up from a seed. What it is given it forgets, but for functions, which it hands out again, damaged.
struct Liar {
    random: u64,
    /// Records of functions, as a machine wrote them.
    functions: Vec<Vec<u8>>,
}

impl Liar {
    fn next(&mut self, below: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % below
    }

    fn bytes(&mut self, most: u64, out: &mut Vec<u8>) {
        for _ in 0..self.next(most) {
            let byte = match self.next(4) {
                0 => self.next(12) as u8,
                1 => b'0' + self.next(10) as u8,
                _ => self.next(256) as u8,
            };
            out.push(byte);
        }
    }

    fn error(&mut self) -> StoreError {
        match self.next(3) {
            0 => StoreError::TooLarge(self.next(1 << 40) as usize),
            1 => StoreError::Refused,
            _ => StoreError::Broken("a lie"),
        }
    }

    fn fails(&mut self) -> StoreResult<()> {
        match self.next(40) {
            0 => Err(self.error()),
            _ => Ok(()),
        }
    }
}

impl Store for Liar {
    fn get(&mut self, _table: u32, _key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        self.fails()?;
        match self.next(12) {
            0 => return Ok(false),
            1 => self.bytes(40, value),
            2 => value.extend_from_slice(&[2, self.next(9) as u8, 0, 0, 0, 0, 0, 0, 0]),
            3 => value.extend_from_slice(&[7, self.next(5) as u8, 0, 0, 0]),
            4 => {
                value.push(7);
                value.extend_from_slice(&(self.next(1 << 32) as u32).to_le_bytes());
            }
            5 => value.extend_from_slice(&[4, 3, 0, 0, 0, b'a', b'1', 0]),
            6 => value.extend_from_slice(&[6, self.next(70) as u8, 0]),
            7 => {
                let tag = self.next(12) as u8;
                value.extend_from_slice(&[tag, self.next(30) as u8, 0, 0, 0]);
                self.bytes(40, value);
            }
            _ => {
                let which = self.next(self.functions.len() as u64) as usize;
                value.extend_from_slice(&self.functions[which]);
                if self.next(2) == 0 {
                    let at = self.next(value.len() as u64) as usize;
                    value[at] = self.next(256) as u8;
                }
            }
        }
        Ok(true)
    }

    fn set(&mut self, _table: u32, _key: &[u8], _value: &[u8]) -> StoreResult<()> {
        self.fails()
    }

    fn delete(&mut self, _table: u32, _key: &[u8]) -> StoreResult<()> {
        self.fails()
    }

    fn size(&mut self, _table: u32) -> StoreResult<u32> {
        self.fails()?;
        Ok(match self.next(4) {
            0 => self.next(1 << 32) as u32,
            1 => 0,
            _ => self.next(9) as u32,
        })
    }

    fn keys(&mut self, _table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        self.fails()?;
        if self.next(3) != 0 {
            return Ok(false);
        }
        let mut key = Vec::new();
        for _ in 0..self.next(12) {
            key.clear();
            self.bytes(10, &mut key);
            each(&key);
        }
        Ok(true)
    }
}

const PROGRAMS: [&str; 14] = [
    "for k, v in pairs(_home) do _home[k] = v end return #_home",
    "local t = _home.t t.x = {1, 2, {3, n = t}} return t.x[3], t.x",
    "for i = 1, 9 do local f = _home[i] if type(f) == 'function' then pcall(f, i) end end",
    "for k, v in next, _home do local w = v end return next(_home, next(_home))",
    "table.insert(_home, 1) table.insert(_home, 1, 2) return table.remove(_home), table.remove(_home, 1)",
    "table.sort(_home) return table.concat(_home), table.unpack(_home)",
    "local n, t = 0, {} _home.f = function() n = n + 1 t[n] = t return n end return _home.f(), _home.f()",
    "local c = {} c.c = {c, function() return c end} _home.c = c return _home.c.c[2]",
    "return rawlen(_home), rawget(_home, 'x'), rawset(_home, 1, _home)",
    "local t = ext.table() for i = 1, 20 do t[i] = i t[#t + 1] = t end return #t",
    "KEPT = KEPT or {} for i = 1, 5 do KEPT[#KEPT % 50 + 1] = _home[i] end collectgarbage('step')",
    "for i, v in ipairs(_home) do if i > 20 then break end KEPT = v end",
    "for _, f in pairs(KEPT or {}) do if type(f) == 'function' then pcall(f) end end KEPT = nil collectgarbage()",
    "_home['1'] = nil _home[''] = {} _home[true] = nil return _home['1'], _home[2^70], select('#', table.unpack(_home, 1, 3))",
];

fn records() -> Vec<Vec<u8>> {
    let store = check(&[(
        "local n, t = 0, {1} local function g() return g and n, string, _ENV end \
         _home.a = function() n = n + 1 return n, g, t end _home.b = g _home.c = function(...) return ... end",
        "",
    )]);
    let functions = store
        .tables()
        .into_values()
        .flatten()
        .map(|(_, value)| value);
    let ours = functions.filter(|value| value[0] == 5);
    ours.chain([functions::PUC_ADD.to_vec()]).collect()
}

/// Twenty thousand rounds, or as many as the variable `CU_ROUNDS` says when the tests are built.
#[test]
fn nothing_that_a_store_answers_breaks_the_machine() {
    let rounds: u64 = option_env!("CU_ROUNDS")
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000);
    let functions = records();
    assert!(functions.len() >= 3);
    let config = Config {
        memory_limit: 2 << 20,
        ..Config::default()
    };
    for seed in 0..rounds / 100 {
        let liar = Liar {
            random: (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            functions: functions.clone(),
        };
        let mut machine = Machine::with(liar, config.clone(), 1);
        for round in 0..100 {
            let program = PROGRAMS[(seed as usize + round) % PROGRAMS.len()];
            crate::begin(&mut machine.vm);
            machine.vm.set_fuel(Some(20_000));
            let _ = machine.run_inside(program);
            machine.vm.set_top(machine.base).unwrap();
            if round % 9 == 0 {
                machine.vm.push_table(0, 0).unwrap();
                if crate::export(&mut machine.vm, machine.base).is_err() {
                    machine.vm.take_error();
                }
            }
            if crate::finish(&mut machine.vm).is_err() {
                machine.vm.take_error();
            }
            machine.vm.set_top(machine.base).unwrap();
            machine.vm.set_fuel(None);
            assert_eq!(
                machine.run_inside("return 1"),
                Ok("1".to_owned()),
                "{seed} {round}"
            );
            machine.vm.set_top(machine.base).unwrap();
        }
    }
}
