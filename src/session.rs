//! One Lua state of the command: loading chunks, calling them, and reporting what went wrong.
//!
//! Every error ends here: it is written to standard error, with a traceback where Lua code was
//! running, and the caller only learns that it happened ([`Failed`]). Between two calls of these
//! methods the stack is as high as it was before.

use std::rc::Rc;

use cu::host::{Stdout, write_stderr};
use cu::{Args, Config, Host, Native, NativeResult, OutOfMemory, Outcome, Slot, Thrown, Type, Vm};

/// An error happened and was reported.
#[derive(Clone, Copy, Debug)]
pub struct Failed;

/// A machine with its libraries, and the name its messages begin with.
pub struct Session {
    /// The machine.
    pub vm: Vm,
    /// Standard output, shared with the machine's host.
    pub stdout: Rc<Stdout>,
    /// What kinds of chunks it runs: "t" or "bt".
    pub mode: &'static [u8],
    /// What stands before the colon of a message; `None` when interactive.
    pub program: Option<Vec<u8>>,
}

/// Turns an error into its report: the message and a traceback, made where the error was raised.
static MESSAGE_HANDLER: Native = Native {
    name: "cu.message_handler",
    call: message_handler,
};

#[cfg(not(feature = "gc_stress"))]
fn machine(host: Box<dyn Host>, config: Config) -> Result<Vm, OutOfMemory> {
    Vm::new(host, config)
}

/// Collects at every allocation, or at every n-th if the environment says so: some programs would not end otherwise.
#[cfg(feature = "gc_stress")]
fn machine(host: Box<dyn Host>, config: Config) -> Result<Vm, OutOfMemory> {
    let mut vm = Vm::new(host, config)?;
    let every = std::env::var("CU_GC_STRESS").ok();
    vm.stress(every.and_then(|n| n.parse().ok()).unwrap_or(1));
    Ok(vm)
}

impl Session {
    /// A state without libraries. The error is that there is no memory for one.
    pub fn new(
        host: Box<dyn Host>,
        stdout: Rc<Stdout>,
        seed: u64,
        program: Vec<u8>,
    ) -> Result<Session, OutOfMemory> {
        let config = Config {
            seed,
            ..Config::default()
        };
        Ok(Session {
            vm: machine(host, config)?,
            stdout,
            mode: b"bt",
            program: Some(program),
        })
    }

    /// Runs `act`; an error is reported, and the stack is then as high as it was before.
    pub fn guard<T>(
        &mut self,
        act: impl FnOnce(&mut Session) -> Result<T, Thrown>,
    ) -> Result<T, Failed> {
        let start = self.vm.top();
        act(self).map_err(|_| {
            let error = self.take_error(start);
            self.report(error);
            self.drop_from(start);
            Failed
        })
    }

    /// After an error above `start`: pushes the error value and returns where it is.
    pub fn take_error(&mut self, start: Slot) -> Slot {
        let _ = self.vm.take_error();
        let n_above = self.vm.top().distance_from(start);
        start.offset(n_above.saturating_sub(1))
    }

    /// Loads and runs `text` under `name`, dropping its results.
    pub fn run_text(&mut self, text: &[u8], name: &[u8]) -> Result<(), Failed> {
        let chunk = self.vm.top();
        self.load(text, name)?;
        self.call(chunk, 0, Some(0))
    }

    /// Loads and runs a file, or standard input, dropping its results.
    pub fn run_file(&mut self, name: Option<&[u8]>) -> Result<(), Failed> {
        let chunk = self.vm.top();
        self.load_file(name)?;
        self.call(chunk, 0, Some(0))
    }

    /// Runs the script with what the `arg` table says are its arguments.
    pub fn run_script(&mut self, name: Option<&[u8]>) -> Result<(), Failed> {
        let chunk = self.vm.top();
        self.load_file(name)?;
        let n_args = self.push_script_args(chunk)?;
        // `lua` keeps the results until it ends; nobody can see them.
        self.call(chunk, n_args, Some(0))
    }

    /// `global = require(module)`, as `-l` asks for it: `module`, or `global=module`.
    pub fn require(&mut self, text: &[u8]) -> Result<(), Failed> {
        let (global, module) = match text.iter().position(|&byte| byte == b'=') {
            Some(equals) => (text.get(..equals), text.get(equals + 1..)),
            // What follows a hyphen tells versions of a module apart and is not part of the name.
            None => (text.split(|&byte| byte == b'-').next(), Some(text)),
        };
        let global = global.unwrap_or_default();
        let start = self.vm.top();
        self.guard(|session| {
            let vm = &mut session.vm;
            vm.push_globals()?;
            vm.get_name(start, b"require")?;
            vm.push_bytes(module.unwrap_or_default())
        })?;
        self.call(start.offset(1), 1, Some(1))
            .inspect_err(|_| self.drop_from(start))?;
        self.guard(|session| {
            session.vm.set_name(start, global, start.offset(1))?;
            session.vm.set_top(start)
        })
    }

    /// Creates the global `arg`: the script at 0, its arguments from 1 up, the rest below.
    pub fn set_arg_table(&mut self, args: &[Vec<u8>], script: Option<usize>) -> Result<(), Failed> {
        let start = self.vm.top();
        let origin = i64::try_from(script.unwrap_or(0)).unwrap_or(0);
        self.guard(|session| {
            let vm = &mut session.vm;
            vm.push_globals()?;
            vm.push_table(0, 0)?;
            let (table, value) = (start.offset(1), start.offset(2));
            for (index, arg) in (0..).zip(args) {
                vm.push_bytes(arg)?;
                vm.raw_set_int(table, index - origin, value)?;
                vm.pop(1);
            }
            vm.raw_set_name(start, b"arg", table)?;
            vm.set_top(start)
        })
    }

    /// Pushes what `text` compiles to.
    pub fn load(&mut self, text: &[u8], name: &[u8]) -> Result<(), Failed> {
        let chunk = self.vm.top();
        if self.guard(|session| session.vm.load_bytes(text, name, session.mode))? {
            return Ok(());
        }
        self.report(chunk);
        self.drop_from(chunk);
        Err(Failed)
    }

    fn load_file(&mut self, name: Option<&[u8]>) -> Result<(), Failed> {
        let chunk = self.vm.top();
        if self.guard(|session| cu::load_file(&mut session.vm, name, session.mode))? {
            return Ok(());
        }
        self.report(chunk);
        self.drop_from(chunk);
        Err(Failed)
    }

    /// Pushes `arg[1]` to `arg[#arg]` and returns how many these are; on failure `chunk` is dropped.
    fn push_script_args(&mut self, chunk: Slot) -> Result<u32, Failed> {
        let table = self.vm.top();
        let pushed = self.guard(|session| {
            let vm = &mut session.vm;
            vm.push_globals()?;
            vm.get_name(table, b"arg")?;
            // The table moves to where the globals were, so that the arguments follow it.
            vm.remove(table);
            if vm.type_of(table) != Type::Table {
                return Err(vm.error_plain(&[b"'arg' is not a table"]));
            }
            let n = u32::try_from(vm.len(table)?.max(0)).unwrap_or(u32::MAX);
            if !vm.try_reserve(n)? {
                return Err(vm.error_plain(&[b"too many arguments to script"]));
            }
            for index in 1..=i64::from(n) {
                vm.raw_get_int(table, index)?;
            }
            vm.remove(table);
            Ok(n)
        });
        pushed.inspect_err(|_| self.drop_from(chunk))
    }

    /// Calls `function`, above which lie `n_args` arguments; an error is reported with its traceback.
    pub fn call(
        &mut self,
        function: Slot,
        n_args: u32,
        n_results: Option<u32>,
    ) -> Result<(), Failed> {
        self.vm
            .call_with_handler(n_args, n_results, &MESSAGE_HANDLER)
            .map_err(|_| {
                let error = self.take_error(function);
                self.report(error);
                self.drop_from(function);
                Failed
            })
    }

    /// Writes the error value in `error` to standard error. The end of the run is no error.
    fn report(&mut self, error: Slot) {
        if self.vm.is_exiting() {
            return;
        }
        let message = self.text_of(error);
        self.say(
            message
                .as_deref()
                .unwrap_or(b"(error message not a string)"),
        );
    }

    /// The text of a string or number.
    pub fn text_of(&mut self, slot: Slot) -> Option<Vec<u8>> {
        match self.vm.coerce_to_string(slot) {
            Ok(_) => self.vm.bytes(slot).map(<[u8]>::to_vec),
            Err(_) => {
                // There is no memory for the text of a number.
                let _ = self.vm.take_error();
                None
            }
        }
    }

    /// Writes a message to standard error as `program: message`.
    pub fn say(&self, message: &[u8]) {
        let mut line = Vec::new();
        if let Some(program) = &self.program {
            line.extend_from_slice(program);
            line.extend_from_slice(b": ");
        }
        line.extend_from_slice(message);
        line.push(b'\n');
        // There is nowhere left to complain about standard error.
        let _ = write_stderr(&self.stdout, &line);
    }

    /// Drops the values from `slot` up.
    pub fn drop_from(&mut self, slot: Slot) {
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(slot);
    }
}

/// The message of an error object, with a traceback unless it has a `__tostring` that says all.
fn message_handler(vm: &mut Vm, args: Args) -> NativeResult {
    let error = args.slot(0);
    let message = vm.top();
    if vm.coerce_to_string(error)? {
        vm.push_slot(error)?;
    } else {
        if vm.push_metafield(error, b"__tostring")? {
            vm.push_slot(error)?;
            vm.call(1, Some(1))?;
            if vm.bytes(message).is_some() {
                return Ok(Outcome::results(1));
            }
            vm.pop(1);
        }
        let type_name = vm.type_of(error).name();
        let text = [b"(error object is a ", type_name.as_bytes(), b" value)"].concat();
        vm.push_bytes(&text)?;
    }
    vm.push_traceback(Slot::NONE, Some(message), 1)?;
    Ok(Outcome::results(1))
}
