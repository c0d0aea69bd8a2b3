//! A test host (`README.md` beside this file): the crate `cu`, in this process.
//!
//! It runs on a thread with a stack of two megabytes, Rust's default, so that what overflows it is found.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "this is a host: IO happens here")]

use std::cell::RefCell;
use std::io::{BufRead, Read, Write};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use cu::{Config, Host, View, Vm};
use cu_vm::{FileId, HostResult};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Slots that the raw module keeps for itself (`wasm_api/src/recent.rs`).
const MODULE_SLOTS: u32 = 8;
/// What the raw module hashes strings with when its host says nothing (`wasm_api/src/module.rs`).
const MODULE_SEED: u64 = 0x6375_2D73_6565_6431;

/// Bytes of output that are kept.
const OUTPUT: usize = 64_512;

fn main() -> Result<(), Failure> {
    let work = thread::Builder::new().stack_size(2 << 20).spawn(serve)?;
    work.join().map_err(|_| "the machine panicked")?
}

/// The outside world: output, and a deadline.
struct World {
    output: Rc<RefCell<Vec<u8>>>,
    deadline: Rc<RefCell<Option<Instant>>>,
}

impl Host for World {
    fn write(&mut self, _file: FileId, bytes: &[u8]) -> HostResult<()> {
        let mut output = self.output.borrow_mut();
        let room = OUTPUT.saturating_sub(output.len());
        output.extend(bytes.iter().take(room));
        Ok(())
    }

    fn entropy(&mut self) -> [u64; 2] {
        [1, 2]
    }

    fn interrupted(&mut self) -> bool {
        self.deadline
            .borrow()
            .is_some_and(|end| Instant::now() >= end)
    }
}

struct Lua {
    vm: Vm,
    output: Rc<RefCell<Vec<u8>>>,
    deadline: Rc<RefCell<Option<Instant>>>,
}

fn serve() -> Result<(), Failure> {
    let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    let mut lua = None;
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let fields: Result<Vec<i64>, _> = line.split_whitespace().map(str::parse).collect();
        let [fresh, fuel, memory, deadline, length] = fields?[..] else {
            return Err(format!("not a request: {line}").into());
        };
        let mut program = vec![0; usize::try_from(length)?];
        input.read_exact(&mut program)?;
        if fresh != 0 || lua.is_none() {
            lua = Some(Lua::new(memory)?);
        }
        let Some(state) = &mut lua else { continue };
        let started = Instant::now();
        let end = started + Duration::from_millis(u64::try_from(deadline)?);
        *state.deadline.borrow_mut() = (deadline > 0).then_some(end);
        state.vm.set_fuel(u64::try_from(fuel).ok());
        let (kind, text) = state.run(&program);
        let micros = started.elapsed().as_micros();
        let spent = match u64::try_from(fuel) {
            Ok(fuel) => i64::try_from(fuel - state.vm.fuel_left())?,
            Err(_) => -1,
        };
        let used = state.vm.memory_used();
        writeln!(output, "{kind} {spent} {used} {micros} {}", text.len())?;
        output.write_all(&text)?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

impl Lua {
    fn new(memory: i64) -> Result<Lua, Failure> {
        let (output, deadline) = (Rc::default(), Rc::default());
        let world = World {
            output: Rc::clone(&output),
            deadline: Rc::clone(&deadline),
        };
        // The order of `pairs` is the module's, and so is what depends on it.
        let mut config = Config {
            seed: MODULE_SEED,
            ..Config::default()
        };
        if let Ok(limit) = usize::try_from(memory) {
            config.memory_limit = limit;
        }
        let mut vm = Vm::new(Box::new(world), config).map_err(|_| "no memory for a state")?;
        cu::open(&mut vm).map_err(|_| "no memory for the library")?;
        // Below its programs the module keeps functions, and how deep a recursion gets is counted in slots.
        for _ in 0..MODULE_SLOTS {
            vm.push_nil().map_err(|_| "no memory for the stack")?;
        }
        Ok(Lua {
            vm,
            output,
            deadline,
        })
    }

    /// Runs a chunk named by its own text, as the raw module does.
    fn run(&mut self, program: &[u8]) -> (&'static str, Vec<u8>) {
        self.output.borrow_mut().clear();
        let base = self.vm.top();
        let loaded = self.vm.load_bytes(program, program, b"t");
        let is_done = match loaded {
            Ok(true) => self.vm.call(0, None).is_ok(),
            Ok(false) => false,
            Err(_) => false,
        };
        let n = self.vm.top().distance_from(base);
        let last = n.checked_sub(1).map(|i| base.offset(i));
        let told = match (is_done, last) {
            (true, None) => ("ok", b"nil".to_vec()),
            (_, Some(slot)) => {
                let text = match self.vm.view(slot) {
                    View::Nil => b"nil".to_vec(),
                    View::Integer(i) => i.to_string().into_bytes(),
                    View::Boolean(b) => b.to_string().into_bytes(),
                    View::String(bytes) => bytes.to_vec(),
                    _ => Vec::new(),
                };
                (if is_done { "ok" } else { "error" }, text)
            }
            (false, None) => ("error", Vec::new()),
        };
        if loaded.is_err() || !is_done {
            let _ = self.vm.take_error();
        }
        let _ = self.vm.set_top(base);
        match told {
            ("ok", text) => {
                let mut all = self.output.take();
                all.extend(text);
                ("ok", all)
            }
            other => other,
        }
    }
}
