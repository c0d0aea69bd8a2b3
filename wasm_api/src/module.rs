//! One machine and its `compute` protocol, as plain safe Rust over byte slices.
//!
//! What it is not: it knows no exports and no addresses of its own (`abi.rs`), nor how bytes are laid out
//! (`response.rs`). A call that ends in an error leaves the machine ready for the next one.
//!
//! `compute` is three steps, because the host may use the buffer while the program runs:
//! [`Module::prepare`] reads it, [`Module::run`] does not touch it, [`Module::respond`] writes it.

use std::any::Any;
use std::rc::Rc;

use cu_ext_table::Store;
use cu_vm::number_text::write_integer;
use cu_vm::{Config, ErrorKind, Slot, Thrown, Type, View, Vm, stack_slots};

use crate::blocks::{Blocks, Found, Part};
use crate::capture::Capture;
use crate::recent::Recent;
use crate::response::{self, BUFFER_SIZE, Value};
use crate::tables::{self, Tables};
use crate::world::{Edge, ModuleHost};

/// Seed of string hashing when the host sets none before `init`: fixed, so that the module is deterministic.
const HASH_SEED: u64 = 0x6375_2D73_6565_6431;

/// What a machine compiles when it is made, so that the compiler's lists, which it keeps, have room for most first programs.
const FIRST_TEXT: &[u8] = b"local t = 1 return t + 1";

/// A text that is kept compiled may be as long as the memory limit divided by this: 4 KB by default. All that is kept
/// takes a 50th of the memory at most.
const LIMIT_BY_KEPT_TEXT: usize = 4096;

/// What the host has set; it holds for the machine, now or when it is made.
#[derive(Debug, Default)]
struct Settings {
    /// What Lua may use, and what the host's blocks take of it.
    room: Room,
    /// What each call of `compute` may use; `None` for no limit.
    fuel: Option<u64>,
    time: Option<f64>,
    seed: Option<[u64; 2]>,
    output_limit: usize,
    no_binary_chunks: bool,
}

/// How much memory there is, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Room {
    /// What Lua and the host's blocks may count.
    pub lua: usize,
    /// What the linear memory may become. How deep a stack may be follows from this alone, so that a runaway recursion
    /// takes the same fuel in every build and under every host.
    pub whole: usize,
}

impl Room {
    /// The slots of a stack. Where there is little memory, static data and reserve are a large part of it.
    fn max_stack(self) -> u32 {
        stack_slots(self.whole).min(stack_slots(self.lua + self.lua / 5))
    }
}

/// The module's state: settings until [`Module::init`], one machine from then on.
#[derive(Default)]
pub struct Module {
    settings: Settings,
    tables: Tables,
    blocks: Blocks,
    /// What `init` takes if it is asked for nothing else.
    prebuilt: Option<Prebuilt>,
    machine: Option<Machine>,
}

/// A machine as `init` makes it, and the memory limit that it was made under.
struct Prebuilt {
    machine: Machine,
    limit: usize,
}

struct Machine {
    vm: Vm,
    capture: Rc<Capture>,
    /// A copy of the running chunk's source: the buffer belongs to the host and to the response.
    source: Vec<u8>,
    recent: Recent,
    /// The stack's height between calls, but for what the last one left.
    base: Slot,
    end: End,
}

/// How the last chunk ended.
#[derive(Debug)]
enum End {
    /// With this value, which is nil, a boolean, a number or a string.
    Scalar(Slot),
    /// With a function.
    Function,
    /// With a table, which is in the store under this number.
    Table(u32),
    /// With an error, whose message is this string or number.
    Message(Slot),
    /// With an error, whose message is this text.
    Text(Vec<u8>),
}

/// The source of a chunk that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    /// It was copied out of the buffer.
    Copied,
    /// It lies in a block of the host's.
    Part(Part),
}

/// The machine could not be made: there is too little memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl Module {
    /// A module before `init`.
    pub const fn new() -> Module {
        Module {
            settings: Settings {
                room: Room { lua: 0, whole: 0 },
                fuel: None,
                time: None,
                seed: None,
                output_limit: 0,
                no_binary_chunks: false,
            },
            tables: Tables::new(),
            blocks: Blocks::new(),
            prebuilt: None,
            machine: None,
        }
    }

    /// Makes the machine for a later `init`: when the module is built, so that its memory begins with it. Without memory
    /// there is none.
    pub fn prebuild(&mut self, room: Room, edge: Edge, store: Box<dyn Store>) {
        let limit = room.lua;
        let machine = self.make(limit, edge, store).ok();
        self.prebuilt = machine.map(|machine| Prebuilt { machine, limit });
    }

    /// A machine with its libraries and its external tables.
    fn make(&self, limit: usize, edge: Edge, store: Box<dyn Store>) -> Result<Machine, NoMemory> {
        let mut machine = Machine::new(limit, edge, self.settings.seed)?;
        let opened = self.tables.open(&mut machine.vm, store);
        opened.map(|()| machine).map_err(|_| NoMemory)
    }

    /// Creates the machine; the second time it does nothing.
    pub fn init(
        &mut self,
        room: Room,
        edge: Edge,
        store: impl FnOnce() -> Box<dyn Store>,
    ) -> Result<(), NoMemory> {
        if self.machine.is_some() {
            return Ok(());
        }
        self.settings.room = room;
        let limit = self.lua_limit();
        // Strings are hashed with the seed, and a machine that has less room may not even be made.
        let is_usual = self.settings.seed.is_none() && self.tables.are_usual();
        let suits = |prebuilt: &Prebuilt| is_usual && limit >= prebuilt.limit;
        let mut machine = match self.prebuilt.take().filter(suits) {
            Some(prebuilt) => prebuilt.machine,
            None => self.make(limit, edge, store())?,
        };
        machine.apply(&self.settings);
        self.machine = Some(machine);
        self.update_memory_limit();
        Ok(())
    }

    /// What the host's blocks leave of the memory limit.
    fn lua_limit(&self) -> usize {
        self.settings.room.lua.saturating_sub(self.blocks.total())
    }

    /// Changes how much memory Lua and the host's blocks may use; without effect before `init`, which is given it.
    pub fn set_memory_limit(&mut self, room: Room) {
        self.settings.room = room;
        self.update_memory_limit();
    }

    fn update_memory_limit(&mut self) {
        let limit = self.lua_limit();
        if let Some(machine) = &mut self.machine {
            machine.vm.set_memory_limit(limit);
            machine.vm.set_max_stack(self.settings.room.max_stack());
        }
    }

    /// Sets the fuel of each following chunk; negative for no limit.
    pub fn set_fuel(&mut self, fuel: i64) {
        self.settings.fuel = u64::try_from(fuel).ok();
        self.apply();
    }

    /// The fuel that the last chunk left; -1 for no limit.
    pub fn fuel_left(&self) -> i64 {
        let left = match &self.machine {
            Some(machine) => machine.vm.fuel_left(),
            None => self.settings.fuel.unwrap_or(u64::MAX),
        };
        i64::try_from(left).unwrap_or(-1)
    }

    /// Sets the clock; what is no number makes it show the imported clock again.
    pub fn set_time(&mut self, milliseconds: f64) {
        self.settings.time = Some(milliseconds);
        self.apply();
    }

    /// Seeds `math.random` as `math.randomseed` does, and what it is seeded from without arguments.
    pub fn set_seed(&mut self, seed: [u64; 2]) {
        self.settings.seed = Some(seed);
        if let Some(machine) = &mut self.machine {
            machine.seed(seed);
        }
    }

    /// Sets how much output is kept to be read in pieces.
    pub fn set_output_limit(&mut self, bytes: usize) {
        self.settings.output_limit = bytes;
        self.apply();
    }

    /// Says whether programs may load binary chunks.
    pub fn allow_binary_chunks(&mut self, allow: bool) {
        self.settings.no_binary_chunks = !allow;
        self.apply();
    }

    fn apply(&mut self) {
        if let Some(machine) = &mut self.machine {
            machine.apply(&self.settings);
        }
    }

    /// Collects all garbage and runs the finalizers that are due.
    pub fn collect(&mut self) {
        let fuel = self.settings.fuel;
        if let Some(machine) = &mut self.machine {
            machine.vm.set_fuel(fuel);
            let height = machine.vm.top();
            // What the first collection has finalized goes with the second. Errors of finalizers are warnings, and there
            // is nobody else to raise one.
            let _ = machine.vm.gc_collect();
            let _ = machine.vm.gc_collect();
            let _ = machine.vm.set_top(height);
        }
    }

    /// Bytes that Lua uses.
    pub fn memory_used(&self) -> usize {
        self.machine
            .as_ref()
            .map_or(0, |machine| machine.vm.memory_used())
    }

    // ---- the host's blocks ----------------------------------------------------------------------------

    /// Makes a block that the host may write to: its address, 0 when there is no memory for it. `free` is how much of
    /// the memory limit nobody uses.
    pub fn alloc(&mut self, len: u32, free: fn() -> usize) -> usize {
        let len = len as usize;
        if len > free() {
            self.collect();
        }
        if len == 0 || len > free() {
            return 0;
        }
        let address = self.blocks.add(len).unwrap_or(0);
        self.update_memory_limit();
        address
    }

    /// Gives a block back.
    pub fn free(&mut self, address: usize, len: u32) {
        self.blocks.remove(address, len as usize);
        self.update_memory_limit();
    }

    /// Writes `bytes` to a place in a block; without effect if it is in none.
    pub fn write_to_block(&mut self, address: usize, bytes: &[u8]) {
        if let Found::Inside(part) = self.blocks.find(address, bytes.len()) {
            self.blocks.bytes_mut(&part).copy_from_slice(bytes);
        }
    }

    // ---- external tables --------------------------------------------------------------------------------

    /// The external tables, and the machine once there is one.
    pub fn tables(&mut self) -> (&mut Tables, Option<&mut Vm>) {
        let vm = self.machine.as_mut().map(|machine| &mut machine.vm);
        (&mut self.tables, vm)
    }

    // ---- the world that programs see --------------------------------------------------------------------

    /// Shows the machine's host to `act`: its clock, its variables, its files. `None` before `init`.
    pub fn with_host<R>(&mut self, act: impl FnOnce(&mut ModuleHost) -> R) -> Option<R> {
        self.machine.as_mut()?.with_host(act)
    }

    /// Sets an environment variable: its name is the first `name_len` bytes of `buffer`, its value what follows up to
    /// `len`. 0, or -1 when it cannot be.
    #[cfg(feature = "system")]
    pub fn set_variable(&mut self, buffer: &[u8; BUFFER_SIZE], name_len: u32, len: u32) -> i32 {
        let (name_len, len) = (name_len as usize, len as usize);
        let (Some(name), Some(value)) = (buffer.get(..name_len), buffer.get(name_len..len)) else {
            return -1;
        };
        let set = self.with_host(|host| host.set_variable(name, value));
        if set.is_some() { 0 } else { -1 }
    }

    /// Gives a file content: its name is the first `name_len` bytes of `buffer`, the content what follows up to `len`.
    /// With `append`, the content goes to the end of what there is. 0, or -1 when it cannot be.
    #[cfg(feature = "system")]
    pub fn put_file(
        &mut self,
        buffer: &[u8; BUFFER_SIZE],
        name_len: u32,
        len: u32,
        append: bool,
    ) -> i32 {
        let (name_len, len) = (name_len as usize, len as usize);
        let (Some(name), Some(content)) = (buffer.get(..name_len), buffer.get(name_len..len))
        else {
            return -1;
        };
        let put = self.with_host(|host| {
            if append {
                host.files.append(name, content)
            } else {
                host.files.put(name, content)
            }
        });
        if matches!(put, Some(Ok(()))) { 0 } else { -1 }
    }

    /// Puts the first `len` bytes of `buffer` behind what waits to be read from standard input. 0, or -1 without room.
    #[cfg(feature = "system")]
    pub fn put_input(&mut self, buffer: &[u8; BUFFER_SIZE], len: u32) -> i32 {
        let Some(bytes) = buffer.get(..len as usize) else {
            return -1;
        };
        let given = self.with_host(|host| host.files.give_input(bytes));
        if matches!(given, Some(Ok(()))) { 0 } else { -1 }
    }

    /// Puts what the file named by the first `name_len` bytes of `buffer` contains from byte `from` on into the buffer,
    /// as far as it fits, and says how much that is; -1 when there is no such file.
    #[cfg(feature = "system")]
    pub fn get_file(&mut self, buffer: &mut [u8; BUFFER_SIZE], name_len: u32, from: u32) -> i32 {
        let Some(name) = buffer.get(..name_len as usize) else {
            return -1;
        };
        let name = name.to_vec();
        let n = self.with_host(|host| {
            let content = host.files.get(&name)?.get(from as usize..)?;
            let n = content.len().min(buffer.len());
            if let (Some(place), Some(part)) = (buffer.get_mut(..n), content.get(..n)) {
                place.copy_from_slice(part);
            }
            i32::try_from(n).ok()
        });
        n.flatten().unwrap_or(-1)
    }

    // ---- compute ----------------------------------------------------------------------------------------

    /// Finds the source of a chunk: `len` bytes at `address` if that is in a block of the host's, else the first `len`
    /// bytes of the buffer. If there is nothing to run, what the host is told.
    pub fn prepare(
        &mut self,
        buffer: &mut [u8; BUFFER_SIZE],
        address: usize,
        len: u32,
    ) -> Result<Chunk, i32> {
        let found = self.blocks.find(address, len as usize);
        let source = match (&found, buffer.get(..len as usize)) {
            (Found::Outside, None) => return Err(-1),
            (_, source) => source.unwrap_or_default(),
        };
        if len == 0 {
            return Err(0);
        }
        let Some(machine) = &mut self.machine else {
            response::write_error(buffer, b"Lua state not initialized");
            return Err(-1);
        };
        match found {
            Found::Inside(part) => return Ok(Chunk::Part(part)),
            Found::Overlong => {
                let message = b"the source goes past the end of the memory allocated for it";
                return Err(response::write_error(buffer, message));
            }
            Found::Outside => {}
        }
        machine.source.clear();
        if machine.source.try_reserve_exact(source.len()).is_err() {
            return Err(response::write_error(buffer, b"not enough memory"));
        }
        machine.source.extend_from_slice(source);
        Ok(Chunk::Copied)
    }

    /// Runs a chunk to its end.
    pub fn run(&mut self, chunk: &Chunk) {
        let Some(machine) = &mut self.machine else {
            return;
        };
        machine.vm.set_fuel(self.settings.fuel);
        let source = std::mem::take(&mut machine.source);
        let kept = self.settings.room.lua / LIMIT_BY_KEPT_TEXT;
        machine.end = match chunk {
            Chunk::Copied => machine.run(&source, kept),
            Chunk::Part(part) => machine.run(self.blocks.bytes(part), kept),
        };
        machine.source = source;
    }

    /// Writes the response to the last chunk and returns what the host is told.
    pub fn respond(&self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        self.machine
            .as_ref()
            .map_or(-1, |machine| machine.respond(buffer))
    }

    // ---- what did not fit into the response -------------------------------------------------------------

    /// How many bytes of the last chunk's output are kept; -1 before `init`.
    pub fn output_len(&self) -> i32 {
        self.machine
            .as_ref()
            .map_or(-1, |machine| length(machine.capture.len()))
    }

    /// Puts the output from byte `from` on into the buffer, as far as it fits: how many bytes that is.
    pub fn read_output(&self, buffer: &mut [u8; BUFFER_SIZE], from: u32) -> i32 {
        self.machine.as_ref().map_or(-1, |machine| {
            length(machine.capture.read(from as usize, buffer))
        })
    }

    /// How long the last chunk's result is if it is a string, or its error message; -1 if there is none.
    pub fn result_len(&self) -> i32 {
        self.machine
            .as_ref()
            .and_then(Machine::text)
            .map_or(-1, |text| length(text.len()))
    }

    /// Puts that string from byte `from` on into the buffer, as far as it fits: how many bytes that is.
    pub fn read_result(&self, buffer: &mut [u8; BUFFER_SIZE], from: u32) -> i32 {
        let Some(text) = self.machine.as_ref().and_then(Machine::text) else {
            return -1;
        };
        let rest = text.get(from as usize..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        if let (Some(place), Some(part)) = (buffer.get_mut(..n), rest.get(..n)) {
            place.copy_from_slice(part);
        }
        length(n)
    }
}

/// A length as the host is told it.
fn length(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

impl Machine {
    fn new(memory_limit: usize, edge: Edge, seed: Option<[u64; 2]>) -> Result<Machine, NoMemory> {
        let capture = Rc::new(Capture::new().ok_or(NoMemory)?);
        let mut source = Vec::new();
        source
            .try_reserve_exact(BUFFER_SIZE)
            .map_err(|_| NoMemory)?;
        let config = Config {
            memory_limit,
            seed: seed.map_or(HASH_SEED, |[first, second]| first ^ second.rotate_left(32)),
            ..Config::default()
        };
        let host = Box::new(ModuleHost::new(Rc::clone(&capture), edge));
        let mut vm = Vm::new(host, config).map_err(|_| NoMemory)?;
        let open = if cfg!(feature = "system") {
            cu_stdlib::open
        } else {
            cu_stdlib::open_core
        };
        open(&mut vm).map_err(|_| NoMemory)?;
        let recent = Recent::new(&mut vm).map_err(|_| NoMemory)?;
        let base = vm.top();
        vm.load_bytes(FIRST_TEXT, b"=", b"t")
            .map_err(|_| NoMemory)?;
        vm.set_top(base).map_err(|_| NoMemory)?;
        let mut machine = Machine {
            vm,
            capture,
            source,
            recent,
            base,
            end: End::Scalar(Slot::NONE),
        };
        if let Some(seed) = seed {
            machine.seed(seed);
        }
        Ok(machine)
    }

    fn apply(&mut self, settings: &Settings) {
        self.vm.set_fuel(settings.fuel);
        self.capture.set_limit(settings.output_limit);
        *self.vm.binary_chunks_on() = !settings.no_binary_chunks;
        if let Some(time) = settings.time {
            self.with_host(|host| host.set_time(time));
        }
    }

    fn seed(&mut self, seed: [u64; 2]) {
        let [first, second] = seed;
        self.with_host(|host| host.set_seed(seed));
        cu_stdlib::math::seed(&mut self.vm, first, second);
    }

    fn with_host<R>(&mut self, act: impl FnOnce(&mut ModuleHost) -> R) -> Option<R> {
        self.vm.with_files(|host| {
            let host: &mut dyn Any = host;
            host.downcast_mut().map(act)
        })
    }

    /// Runs a chunk, in the place of what the one before has left; a text of up to `kept` bytes is kept compiled.
    fn run(&mut self, source: &[u8], kept: usize) -> End {
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(self.base);
        // The later part of the output gives its memory back.
        self.with_host(ModuleHost::clear_output);
        tables::begin(&mut self.vm);
        let end = match self.call(source, kept) {
            Ok(true) => self.result(),
            Ok(false) => self.failure(),
            Err(_) => match self.vm.take_exit_status() {
                // `os.exit` ends the chunk; with success that is a chunk without results.
                Some(0) => {
                    let _ = self.vm.set_top(self.base);
                    End::Scalar(Slot::NONE)
                }
                Some(status) => {
                    let mut digits = [0; 24];
                    let status = write_integer(&mut digits, status.into());
                    End::Text([b"exit status ", status].concat())
                }
                None => self.thrown(),
            },
        };
        self.finish(end)
    }

    /// Lets external tables be completed; if that fails, it is how the chunk ends, unless it has failed already.
    fn finish(&mut self, end: End) -> End {
        let height = self.vm.top();
        if tables::finish(&mut self.vm).is_ok() {
            return end;
        }
        let failure = self.thrown();
        match end {
            End::Message(_) | End::Text(_) => {
                let _ = self.vm.set_top(height);
                end
            }
            End::Scalar(_) | End::Function | End::Table(_) => failure,
        }
    }

    /// Compiles and runs the source; its results (`true`) or the syntax error's message (`false`)
    /// are on the stack from `base` up.
    fn call(&mut self, source: &[u8], kept: usize) -> Result<bool, Thrown> {
        let loaded = self.recent.load(&mut self.vm, source, kept)?;
        if loaded {
            self.vm.call(0, None)?;
        }
        Ok(loaded)
    }

    /// The last result of the chunk, as the response can carry it.
    fn result(&mut self) -> End {
        let n_results = self.vm.top().distance_from(self.base);
        let last = match n_results.checked_sub(1) {
            Some(n) => self.base.offset(n),
            None => Slot::NONE,
        };
        match self.vm.view(last) {
            View::None | View::Nil | View::Boolean(_) | View::Integer(_) | View::Float(_) => {
                End::Scalar(last)
            }
            View::String(_) => End::Scalar(last),
            View::Function => End::Function,
            View::Table => match tables::export(&mut self.vm, last) {
                Ok(id) => End::Table(id),
                Err(_) => self.thrown(),
            },
            View::LightUserdata | View::Userdata | View::Thread => {
                let text = self.vm.top();
                match self.vm.tostring(last) {
                    Ok(()) => End::Scalar(text),
                    Err(_) => self.thrown(),
                }
            }
        }
    }

    /// As [`Machine::failure`], after an error that was thrown.
    fn thrown(&mut self) -> End {
        let kind = self.vm.take_error();
        if kind == ErrorKind::Interrupt {
            self.with_host(ModuleHost::acknowledge_interrupt);
        }
        self.failure()
    }

    /// The end with the error value on top of the stack.
    fn failure(&mut self) -> End {
        let n_above = self.vm.top().distance_from(self.base);
        let error = self.base.offset(n_above.saturating_sub(1));
        match self.error_text(error) {
            Ok(Some(text)) => return End::Message(text),
            Ok(None) => {}
            Err(_) => {
                let _ = self.vm.take_error();
            }
        }
        let type_name = match self.vm.type_of(error) {
            Type::None => Type::Nil.name(),
            other => other.name(),
        };
        End::Text([b"(error object is a ", type_name.as_bytes(), b" value)"].concat())
    }

    /// Where the text of the error value `error` is: the value itself if it is a string or number,
    /// what its `__tostring` gives if it has one, else `None`.
    fn error_text(&mut self, error: Slot) -> Result<Option<Slot>, Thrown> {
        if self.vm.coerce_to_string(error)? {
            return Ok(Some(error));
        }
        if !self.vm.push_metafield(error, b"__tostring")? {
            return Ok(None);
        }
        self.vm.pop(1);
        let text = self.vm.top();
        self.vm.tostring(error)?;
        Ok(Some(text))
    }

    fn respond(&self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        let value = match &self.end {
            End::Scalar(slot) => match self.vm.view(*slot) {
                View::Boolean(b) => Value::Boolean(b),
                View::Integer(i) => Value::Integer(i),
                View::Float(f) => Value::Float(f),
                View::String(bytes) => Value::String(bytes),
                View::None
                | View::Nil
                | View::Table
                | View::Function
                | View::LightUserdata
                | View::Userdata
                | View::Thread => Value::Nil,
            },
            End::Function => Value::Function,
            End::Table(id) => Value::Table(*id),
            End::Message(_) | End::Text(_) => {
                return response::write_error(buffer, self.text().unwrap_or_default());
            }
        };
        let n = self
            .capture
            .with(|output| response::write_success(buffer, output, value));
        length(n)
    }

    /// The result if it is a string, or the error message.
    fn text(&self) -> Option<&[u8]> {
        match &self.end {
            End::Scalar(slot) | End::Message(slot) => self.vm.bytes(*slot),
            End::Text(text) => Some(text),
            End::Function | End::Table(_) => None,
        }
    }
}

#[cfg(all(test, feature = "system"))]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests;
