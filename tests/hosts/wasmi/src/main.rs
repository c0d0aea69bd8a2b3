//! A test host (`../README.md`): the raw module under wasmi.
//!
//! cu-test-host-wasmi MODULE

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, Read, Write};
use std::time::Instant;

use wasmi::{Caller, Engine, Extern, Instance, Linker, Module, Store, WasmParams, WasmResults};

type Tables = BTreeMap<u32, BTreeMap<Vec<u8>, Vec<u8>>>;
type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("usage: cu-test-host-wasmi MODULE")?;
    // With the limits that wasmi has by itself.
    let engine = Engine::default();
    let module = Module::new(&engine, std::fs::read(path)?)?;
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut lua = None;
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let fields: Result<Vec<i64>, _> = line.split_whitespace().map(str::parse).collect();
        let [fresh, fuel, memory, _deadline, length] = fields?[..] else {
            return Err(format!("not a request: {line}").into());
        };
        let mut program = vec![0; length as usize];
        input.read_exact(&mut program)?;
        if fresh != 0 || lua.is_none() {
            lua = Some(Lua::new(&engine, &module, memory)?);
        }
        let Some(state) = &mut lua else { continue };
        let started = Instant::now();
        let (kind, text, spent, used) = match state.run(&program, fuel) {
            Ok((kind, text)) => {
                let left: i64 = state.call("fuel_left", ())?;
                let spent = if left < 0 { -1 } else { fuel - left };
                (kind, text, spent, state.used()?)
            }
            Err(trap) => ("trap", trap.to_string().into_bytes(), -1, 0),
        };
        let micros = started.elapsed().as_micros();
        write!(output, "{kind} {spent} {used} {micros} {}\n", text.len())?;
        output.write_all(&text)?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

/// One instance of the module.
struct Lua {
    store: Store<Tables>,
    instance: Instance,
}

impl Lua {
    fn new(engine: &Engine, module: &Module, memory: i64) -> Result<Lua, Failure> {
        let mut store = Store::new(engine, Tables::new());
        let mut linker = Linker::new(engine);
        lend_store(&mut linker)?;
        let instance = linker.instantiate_and_start(&mut store, module)?;
        let mut lua = Lua { store, instance };
        if memory >= 0 {
            lua.call::<u32, ()>("set_memory_limit", u32::try_from(memory)?)?;
        }
        if lua.call::<(), i32>("init", ())? != 0 {
            return Err("there is no memory for Lua".into());
        }
        Ok(lua)
    }

    /// Calls an export.
    fn call<A: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: A) -> Result<R, Failure> {
        let function = self.instance.get_typed_func(&mut self.store, name)?;
        Ok(function.call(&mut self.store, arguments)?)
    }

    fn run(&mut self, program: &[u8], fuel: i64) -> Result<(&'static str, Vec<u8>), Failure> {
        self.call::<i64, ()>("set_fuel", fuel)?;
        let buffer = self.call::<(), u32>("get_buffer_ptr", ())?;
        let fits = program.len() <= self.call::<(), u32>("get_buffer_size", ())? as usize;
        let len = program.len() as u32;
        let at = if fits { buffer } else { self.call::<u32, u32>("alloc", len)? };
        if at == 0 {
            return Ok(("error", b"no memory for the source".to_vec()));
        }
        let memory = self.instance.get_memory(&mut self.store, "memory").ok_or("no memory")?;
        memory.write(&mut self.store, at as usize, program)?;
        let told = self.call::<_, i32>("compute", (at, len))?;
        if !fits {
            self.call::<_, ()>("free", (at, len))?;
        }
        let response = &memory.data(&self.store)[buffer as usize..];
        if told < 0 {
            return Ok(("error", response[..(-told - 1) as usize].to_vec()));
        }
        let n = u32::from_le_bytes(response[..4].try_into()?) as usize;
        let mut text = response[4..4 + n].to_vec();
        text.extend(shown(&response[4 + n..told as usize])?);
        Ok(("ok", text))
    }

    fn used(&mut self) -> Result<u32, Failure> {
        let buffer = self.call::<(), u32>("get_buffer_ptr", ())?;
        self.call::<u32, ()>("get_memory_stats", buffer)?;
        let memory = self.instance.get_memory(&mut self.store, "memory").ok_or("no memory")?;
        let at = buffer as usize + 4;
        Ok(u32::from_le_bytes(memory.data(&self.store)[at..at + 4].try_into()?))
    }
}

/// Only what all hosts write alike.
fn shown(value: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(match value[0] {
        0 => b"nil".to_vec(),
        1 => (value[1] != 0).to_string().into_bytes(),
        2 => i64::from_le_bytes(value[1..9].try_into()?).to_string().into_bytes(),
        4 => value[5..].to_vec(),
        _ => Vec::new(),
    })
}

/// The five functions by which the module reaches the tables.
fn lend_store(linker: &mut Linker<Tables>) -> Result<(), wasmi::Error> {
    type Host<'a> = Caller<'a, Tables>;
    let get = |mut host: Host, table: u32, key: u32, key_len: u32, value: u32, room: u32| {
        let (memory, tables) = memory(&mut host);
        let key = part(memory, key, key_len).to_vec();
        let found = tables.get(&table).and_then(|entries| entries.get(&key));
        found.map_or(-1, |found| answer(memory, value, room, found))
    };
    let set = |mut host: Host, table: u32, key: u32, key_len: u32, value: u32, value_len: u32| {
        let (memory, tables) = memory(&mut host);
        let (key, value) = (part(memory, key, key_len), part(memory, value, value_len));
        tables.entry(table).or_default().insert(key.to_vec(), value.to_vec());
        0
    };
    let delete = |mut host: Host, table: u32, key: u32, key_len: u32| {
        let (memory, tables) = memory(&mut host);
        let entries = tables.get_mut(&table);
        let removed = entries.and_then(|entries| entries.remove(part(memory, key, key_len)));
        if removed.is_some() { 0 } else { -1 }
    };
    let size = |host: Host, table: u32| host.data().get(&table).map_or(0, |t| t.len() as i32);
    let keys = |mut host: Host, table: u32, keys: u32, room: u32| {
        let (memory, tables) = memory(&mut host);
        let Some(entries) = tables.get(&table) else { return -1 };
        let mut list = (entries.len() as u32).to_le_bytes().to_vec();
        for key in entries.keys() {
            list.extend((key.len() as u32).to_le_bytes());
            list.extend(key);
        }
        answer(memory, keys, room, &list)
    };
    linker.func_wrap("env", "js_ext_table_get", get)?;
    linker.func_wrap("env", "js_ext_table_set", set)?;
    linker.func_wrap("env", "js_ext_table_delete", delete)?;
    linker.func_wrap("env", "js_ext_table_size", size)?;
    linker.func_wrap("env", "js_ext_table_keys", keys)?;
    Ok(())
}

/// The module's memory, and the tables beside it.
fn memory<'a>(host: &'a mut Caller<'_, Tables>) -> (&'a mut [u8], &'a mut Tables) {
    let memory = host.get_export("memory").and_then(Extern::into_memory);
    memory.expect("the module exports its memory").data_and_store_mut(host)
}

/// So many bytes of memory; none when they are not there.
fn part(memory: &[u8], at: u32, len: u32) -> &[u8] {
    memory.get(at as usize..).and_then(|rest| rest.get(..len as usize)).unwrap_or_default()
}

/// Writes the bytes if there is room for them.
fn answer(memory: &mut [u8], at: u32, room: u32, bytes: &[u8]) -> i32 {
    if bytes.len() > room as usize {
        return -1;
    }
    memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
    bytes.len() as i32
}
