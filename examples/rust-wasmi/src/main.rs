//! Runs Lua in cu.wasm under wasmi; what programs keep in `_home` lies in a file.
//!
//! cargo run --manifest-path examples/rust-wasmi/Cargo.toml -- dist/cu.wasm home.store [program.lua]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::fs;

use wasmi::{Caller, Engine, Extern, Instance, Linker, Module, Store, WasmParams, WasmResults};

/// The external tables: number, key, value.
type Tables = BTreeMap<u32, BTreeMap<Vec<u8>, Vec<u8>>>;

/// What every host here runs, under the name with which it shows the outcome.
const PROGRAMS: [(&str, &str); 6] = [
    ("arithmetic", "return 2 + 2"),
    ("print", "print('hello from Lua') return 6 * 7"),
    ("mistake", "local t = {}\nreturn t.missing.field"),
    ("fuel", "while true do end"),
    ("memory", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end"),
    ("counter", "_home.counter = (_home.counter or 0) + 1 return _home.counter"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (module, file) = match args.as_slice() {
        [module, file, ..] => (module, file),
        _ => return Err("usage: cu-on-wasmi MODULE STORE [PROGRAM]".into()),
    };
    let mut lua = Lua::new(&fs::read(module)?, load(file)?)?;
    if let Some(program) = args.get(2) {
        println!("{}", lua.run(&fs::read(program)?)?);
    } else {
        lua.call::<i64, ()>("set_fuel", 1_000_000)?;
        lua.call::<u32, ()>("set_memory_limit", 8 << 20)?;
        for (name, program) in PROGRAMS {
            println!("{name}: {}", lua.run(program.as_bytes())?);
        }
    }
    Ok(save(file, lua.store.data())?)
}

/// One instance of the module.
struct Lua {
    store: Store<Tables>,
    instance: Instance,
}

impl Lua {
    fn new(module: &[u8], tables: Tables) -> Result<Lua, Box<dyn Error>> {
        let engine = Engine::default();
        let module = Module::new(&engine, module)?;
        let next_table = tables.keys().last().map_or(1, |last| last + 1);
        let mut store = Store::new(&engine, tables);
        let mut linker = Linker::new(&engine);
        lend_store(&mut linker)?;
        let instance = linker.instantiate_and_start(&mut store, &module)?;
        let mut lua = Lua { store, instance };
        if lua.call::<(), i32>("init", ())? != 0 {
            return Err("there is no memory for Lua".into());
        }
        lua.call::<u32, ()>("sync_external_table_counter", next_table)?;
        Ok(lua)
    }

    /// Calls an export.
    fn call<A: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: A) -> Result<R, Box<dyn Error>> {
        let function = self.instance.get_typed_func(&mut self.store, name)?;
        Ok(function.call(&mut self.store, arguments)?)
    }

    /// Runs a program: what it printed, and its result or error.
    fn run(&mut self, program: &[u8]) -> Result<String, Box<dyn Error>> {
        let memory = self.instance.get_memory(&mut self.store, "memory").ok_or("no memory")?;
        let buffer = self.call::<(), u32>("get_buffer_ptr", ())?;
        memory.write(&mut self.store, buffer as usize, program)?;
        let told = self.call::<_, i32>("compute", (buffer, program.len() as u32))?;
        let response = &memory.data(&self.store)[buffer as usize..];
        if told < 0 {
            let message = &response[..(-told - 1) as usize];
            return Ok(format!("error: {}", String::from_utf8_lossy(message)));
        }
        let n = u32::from_le_bytes(response[..4].try_into()?) as usize;
        let output = String::from_utf8_lossy(&response[4..4 + n]);
        Ok(format!("{output}{}", show(&response[4 + n..])?))
    }
}

/// A result as text.
fn show(value: &[u8]) -> Result<String, Box<dyn Error>> {
    Ok(match value[0] {
        0 => "nil".into(),
        1 => (value[1] != 0).to_string(),
        2 => i64::from_le_bytes(value[1..9].try_into()?).to_string(),
        3 => f64::from_le_bytes(value[1..9].try_into()?).to_string(),
        4 => {
            let len = u32::from_le_bytes(value[1..5].try_into()?) as usize;
            String::from_utf8_lossy(&value[5..5 + len]).into_owned()
        }
        5 => format!("table {}", u32::from_le_bytes(value[1..5].try_into()?)),
        _ => "function".into(),
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

/// Writes the bytes if there is room for them, and says how many they are in any case.
fn answer(memory: &mut [u8], at: u32, room: u32, bytes: &[u8]) -> i32 {
    if bytes.len() <= room as usize {
        memory[at as usize..][..bytes.len()].copy_from_slice(bytes);
    }
    bytes.len() as i32
}

/// The file has a line for each entry: the table's number, the key and the value in hexadecimal, with tabs between.
fn load(file: &str) -> Result<Tables, Box<dyn Error>> {
    let mut tables = Tables::new();
    if fs::exists(file)? {
        for line in fs::read_to_string(file)?.lines() {
            let mut fields = line.split('\t');
            let mut next = || fields.next().ok_or("a line of the store is too short");
            let (table, key, value) = (next()?.parse()?, from_hex(next()?)?, from_hex(next()?)?);
            tables.entry(table).or_default().insert(key, value);
        }
    }
    Ok(tables)
}

fn save(file: &str, tables: &Tables) -> std::io::Result<()> {
    let mut text = String::new();
    for (table, entries) in tables {
        for (key, value) in entries {
            let _ = writeln!(text, "{table}\t{}\t{}", to_hex(key), to_hex(value));
        }
    }
    // Another name first: the old state is there until the new one is complete.
    fs::write(format!("{file}.new"), text)?;
    fs::rename(format!("{file}.new"), file)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| Ok(u8::from_str_radix(str::from_utf8(pair)?, 16)?));
    pairs.collect()
}
