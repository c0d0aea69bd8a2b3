//! One machine and its `compute` protocol, as plain safe Rust over a byte slice.
//!
//! What it is not: it knows no exports and no addresses (`abi.rs`), nor how bytes are laid out
//! (`response.rs`). A call that ends in an error leaves the machine ready for the next one.

use std::any::Any;
use std::rc::Rc;

use cu_vm::{Config, Slot, Thrown, Type, View, Vm};

use crate::capture::Capture;
use crate::response::{self, BUFFER_SIZE, Value};
use crate::world::ModuleHost;

/// Seed of string hashing: fixed, so that the module is deterministic.
const HASH_SEED: u64 = 0x6375_2D73_6565_6431;

/// The module's state: nothing until [`Module::init`], one machine from then on.
#[derive(Default)]
pub struct Module {
    machine: Option<Machine>,
}

struct Machine {
    vm: Vm,
    capture: Rc<Capture>,
    /// A copy of the running chunk's source: the buffer belongs to the host and to the response.
    source: Vec<u8>,
    /// The stack's height between calls.
    base: Slot,
}

/// The machine could not be made: there is too little memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl Module {
    /// A module before `init`.
    pub const fn new() -> Module {
        Module { machine: None }
    }

    /// Creates the machine with its libraries; the second time it does nothing.
    pub fn init(&mut self, memory_limit: usize) -> Result<(), NoMemory> {
        if self.machine.is_none() {
            self.machine = Some(Machine::new(memory_limit)?);
        }
        Ok(())
    }

    /// Changes how much memory Lua may use; without effect before `init`, which is given the limit.
    pub fn set_memory_limit(&mut self, memory_limit: usize) {
        if let Some(machine) = &mut self.machine {
            machine.vm.set_memory_limit(memory_limit);
        }
    }

    /// Shows the machine's host to `act`: its clock, its variables, its files. `None` before `init`.
    pub fn with_host<R>(&mut self, act: impl FnOnce(&mut ModuleHost) -> R) -> Option<R> {
        let machine = self.machine.as_mut()?;
        machine.vm.with_files(|host| {
            let host: &mut dyn Any = host;
            host.downcast_mut().map(act)
        })
    }

    /// Sets the clock; without effect before `init`.
    pub fn set_time(&mut self, milliseconds: f64) {
        self.with_host(|host| host.set_time(milliseconds));
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

    /// Runs the first `len` bytes of `buffer` as a chunk, leaves the response there and returns what
    /// the host is told.
    pub fn compute(&mut self, buffer: &mut [u8; BUFFER_SIZE], len: u32) -> i32 {
        let Some(source) = usize::try_from(len).ok().and_then(|len| buffer.get(..len)) else {
            return -1;
        };
        if source.is_empty() {
            return 0;
        }
        let Some(machine) = &mut self.machine else {
            response::write_error(buffer, b"Lua state not initialized");
            return -1;
        };
        machine.source.clear();
        if machine.source.try_reserve_exact(source.len()).is_err() {
            return response::write_error(buffer, b"not enough memory");
        }
        machine.source.extend_from_slice(source);
        machine.compute(buffer)
    }
}

impl Machine {
    fn new(memory_limit: usize) -> Result<Machine, NoMemory> {
        let capture = Rc::new(Capture::new().ok_or(NoMemory)?);
        let mut source = Vec::new();
        source
            .try_reserve_exact(BUFFER_SIZE)
            .map_err(|_| NoMemory)?;
        let config = Config {
            memory_limit,
            seed: HASH_SEED,
            ..Config::default()
        };
        let host = Box::new(ModuleHost::new(Rc::clone(&capture)));
        let mut vm = Vm::new(host, config).map_err(|_| NoMemory)?;
        let open = if cfg!(feature = "system") {
            cu_stdlib::open
        } else {
            cu_stdlib::open_core
        };
        open(&mut vm).map_err(|_| NoMemory)?;
        let base = vm.top();
        Ok(Machine {
            vm,
            capture,
            source,
            base,
        })
    }

    fn compute(&mut self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        self.capture.clear();
        let told = match self.run() {
            Ok(true) => self.respond(buffer),
            Ok(false) => self.refuse(buffer),
            Err(_) => match self.vm.take_exit_status() {
                // `os.exit` ends the chunk; with success that is a chunk without results.
                Some(0) => {
                    let _ = self.vm.set_top(self.base);
                    self.respond(buffer)
                }
                Some(status) => self.refuse_exit(buffer, status),
                None => self.refuse_thrown(buffer),
            },
        };
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(self.base);
        told
    }

    /// Compiles and runs the source; its results (`true`) or the syntax error's message (`false`)
    /// are on the stack from `base` up.
    fn run(&mut self) -> Result<bool, Thrown> {
        // The chunk is named by its own text, so messages begin `[string "first line..."]`.
        let loaded = self.vm.load_bytes(&self.source, &self.source, b"t")?;
        if loaded {
            self.vm.call(0, None)?;
        }
        Ok(loaded)
    }

    /// The response after success: captured output and the last result.
    fn respond(&mut self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        let n_results = self.vm.top().distance_from(self.base);
        let mut last = match n_results.checked_sub(1) {
            Some(n) => self.base.offset(n),
            None => Slot::NONE,
        };
        if !is_scalar(self.vm.view(last)) {
            let text = self.vm.top();
            if self.vm.tostring(last).is_err() {
                return self.refuse_thrown(buffer);
            }
            last = text;
        }
        let value = match self.vm.view(last) {
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
        };
        let n = self
            .capture
            .with(|output| response::write_success(buffer, output, value));
        i32::try_from(n).unwrap_or(-1)
    }

    /// The error response for `os.exit` with a status that is not success.
    fn refuse_exit(&mut self, buffer: &mut [u8; BUFFER_SIZE], status: i32) -> i32 {
        let mut digits = [0; 24];
        let status = cu_vm::number_text::write_integer(&mut digits, i64::from(status));
        let mut text = [0u8; 64];
        response::write_error(buffer, join(&[b"exit status ", status], &mut text))
    }

    /// As [`Machine::refuse`], after an error that was thrown.
    fn refuse_thrown(&mut self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        let _ = self.vm.take_error();
        self.refuse(buffer)
    }

    /// The error response for the error value on top of the stack.
    fn refuse(&mut self, buffer: &mut [u8; BUFFER_SIZE]) -> i32 {
        let n_above = self.vm.top().distance_from(self.base);
        let error = self.base.offset(n_above.saturating_sub(1));
        let text = match self.error_text(error) {
            Ok(text) => text,
            Err(_) => {
                let _ = self.vm.take_error();
                None
            }
        };
        if let Some(message) = text.and_then(|slot| self.vm.bytes(slot)) {
            return response::write_error(buffer, message);
        }
        let type_name = match self.vm.type_of(error) {
            Type::None => Type::Nil.name(),
            other => other.name(),
        };
        let message = [
            &b"(error object is a "[..],
            type_name.as_bytes(),
            b" value)",
        ];
        let mut text = [0u8; 64];
        response::write_error(buffer, join(&message, &mut text))
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
}

/// Whether the response can carry the value as it is.
fn is_scalar(view: View<'_>) -> bool {
    match view {
        View::None | View::Nil | View::Boolean(_) | View::Integer(_) | View::Float(_) => true,
        View::String(_) => true,
        View::Table | View::Function | View::LightUserdata | View::Userdata | View::Thread => false,
    }
}

/// Joins `parts` in `room`, which needs no allocator; what does not fit is left out.
fn join<'r>(parts: &[&[u8]], room: &'r mut [u8]) -> &'r [u8] {
    let mut n = 0;
    for part in parts {
        if let Some(place) = room.get_mut(n..n + part.len()) {
            place.copy_from_slice(part);
            n += part.len();
        }
    }
    room.get(..n).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> (Module, Box<[u8; BUFFER_SIZE]>) {
        let mut module = Module::new();
        module.init(4 << 20).unwrap();
        (module, Box::new([0; BUFFER_SIZE]))
    }

    #[cfg(feature = "system")]
    /// What the response to `source` holds after the length of the output, or the error message.
    fn run(module: &mut Module, buffer: &mut [u8; BUFFER_SIZE], source: &str) -> String {
        buffer[..source.len()].copy_from_slice(source.as_bytes());
        let told = module.compute(buffer, source.len() as u32);
        let response = if told < 0 {
            &buffer[..usize::try_from(-told - 1).unwrap()]
        } else {
            let n = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
            &buffer[4..4 + n]
        };
        String::from_utf8_lossy(response).into_owned()
    }

    #[test]
    #[cfg(feature = "system")]
    fn the_embedder_fills_and_reads_files() {
        let (mut m, mut b) = module();
        b[..15].copy_from_slice(b"lib/m.luareturn");
        assert_eq!(m.put_file(&b, 9, 15, false), 0);
        b[..12].copy_from_slice(b"lib/m.lua 42");
        assert_eq!(m.put_file(&b, 9, 12, true), 0);
        let program = "package.path = 'lib/?.lua' io.open('out', 'w'):write((require 'm')):close()";
        assert_eq!(run(&mut m, &mut b, program), "");
        b[..3].copy_from_slice(b"out");
        assert_eq!(m.get_file(&mut b, 3, 0), 2);
        assert_eq!(&b[..2], b"42");
        b[..3].copy_from_slice(b"out");
        assert_eq!(m.get_file(&mut b, 3, 2), 0);
        b[..3].copy_from_slice(b"not");
        assert_eq!(m.get_file(&mut b, 3, 0), -1);
    }

    #[test]
    #[cfg(feature = "system")]
    fn the_embedder_sets_the_clock() {
        let (mut m, mut b) = module();
        let program = "print(os.time(), os.clock(), os.date('%F %T %Z'))";
        let shown = run(&mut m, &mut b, program);
        assert_eq!(shown, "0\t0.0\t1970-01-01 00:00:00 UTC\n");
        m.set_time(1e12);
        m.set_time(1e12 + 1500.0);
        let shown = run(&mut m, &mut b, program);
        assert_eq!(shown, "1000000001\t1.5\t2001-09-09 01:46:41 UTC\n");
    }

    #[test]
    #[cfg(feature = "system")]
    fn exit_ends_the_chunk_and_not_the_machine() {
        let (mut m, mut b) = module();
        let shown = run(
            &mut m,
            &mut b,
            "print 'before' pcall(os.exit) print 'after'",
        );
        assert_eq!(shown, "before\n");
        assert_eq!(run(&mut m, &mut b, "os.exit(3)"), "exit status 3");
        assert_eq!(run(&mut m, &mut b, "print 'still here'"), "still here\n");
    }

    #[test]
    #[cfg(feature = "system")]
    fn files_count_against_the_memory_limit() {
        let (mut m, mut b) = module();
        let program = "local f, chunk = io.open('big', 'w'), ('x'):rep(100000) \
            local ok, message, code repeat ok, message, code = f:write(chunk) until not ok print(message, code) \
            print(pcall(string.rep, 'x', 3000000)) f:close() os.remove('big') \
            print(#string.rep('x', 1000000))";
        let shown = run(&mut m, &mut b, program);
        let wanted = "No space left on device\t28\nfalse\tnot enough memory\n1000000\n";
        assert_eq!(shown, wanted);
    }
}
