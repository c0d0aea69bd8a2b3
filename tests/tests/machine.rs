//! A machine inside the test process, text in and text out: the one place here that touches the embedding face.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cu::{Config, ErrorKind, Host, Slot, View, Vm};
use cu_vm::{FileId, HostResult};

/// How a run that did not succeed ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The kind of the error; `None` for a chunk that does not compile.
    pub kind: Option<ErrorKind>,
    /// The error value as `tostring` without metamethods shows it.
    pub message: String,
}

/// A state with its libraries.
pub struct Machine {
    /// The state.
    pub vm: Vm,
    /// How often the host has been asked whether the run is to end.
    pub n_asked: Rc<Cell<u32>>,
    /// From which question on it says so.
    pub ends_at: Rc<Cell<u32>>,
    output: Rc<RefCell<Vec<u8>>>,
}

/// A world of which only the output is seen, and which may end a run.
struct World {
    output: Rc<RefCell<Vec<u8>>>,
    n_asked: Rc<Cell<u32>>,
    ends_at: Rc<Cell<u32>>,
}

impl Host for World {
    fn write(&mut self, _file: FileId, bytes: &[u8]) -> HostResult<()> {
        self.output.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    fn entropy(&mut self) -> [u64; 2] {
        [1, 2]
    }

    fn interrupted(&mut self) -> bool {
        self.n_asked.set(self.n_asked.get() + 1);
        self.n_asked.get() > self.ends_at.get()
    }
}

impl Machine {
    /// A machine without limits.
    pub fn new() -> Machine {
        let output = Rc::new(RefCell::new(Vec::new()));
        let (n_asked, ends_at) = (Rc::default(), Rc::new(Cell::new(u32::MAX)));
        let world = World {
            output: Rc::clone(&output),
            n_asked: Rc::clone(&n_asked),
            ends_at: Rc::clone(&ends_at),
        };
        let made = Vm::new(Box::new(world), Config::default());
        let mut vm = made.unwrap_or_else(|e| panic!("{e:?}"));
        cu::open(&mut vm).unwrap_or_else(|e| panic!("{e:?}"));
        Machine {
            vm,
            n_asked,
            ends_at,
            output,
        }
    }

    /// Runs a chunk; its results as text, with commas between them.
    pub fn run(&mut self, source: impl AsRef<[u8]>) -> Result<String, Failure> {
        let base = self.vm.top();
        let result = self.attempt(source.as_ref());
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(base);
        result
    }

    /// Runs a chunk of PUC Lua, or any other, with integers as arguments.
    pub fn run_chunk(&mut self, chunk: &[u8], args: &[i64]) -> Result<String, Failure> {
        let base = self.vm.top();
        let result = self
            .load_chunk(chunk)
            .and_then(|()| self.finish(base, args));
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(base);
        result
    }

    fn load_chunk(&mut self, chunk: &[u8]) -> Result<(), Failure> {
        if !cu_vm::puc::is_puc_chunk(chunk) {
            return self.load(chunk);
        }
        let base = self.vm.top();
        match self.vm.load_puc(chunk) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => Err(Failure {
                kind: None,
                message: refused.to_string(),
            }),
            Err(_) => Err(self.failure(base)),
        }
    }

    fn attempt(&mut self, source: &[u8]) -> Result<String, Failure> {
        let base = self.vm.top();
        self.load(source)?;
        self.finish(base, &[])
    }

    fn load(&mut self, source: &[u8]) -> Result<(), Failure> {
        let base = self.vm.top();
        match self.vm.load_bytes(source, b"=chunk", b"bt") {
            Ok(true) => Ok(()),
            Ok(false) => {
                let message = self.vm.bytes(base).unwrap_or_default();
                let message = String::from_utf8_lossy(message).into_owned();
                Err(Failure {
                    kind: None,
                    message,
                })
            }
            Err(_) => Err(self.failure(base)),
        }
    }

    /// Calls the function in `base`.
    fn finish(&mut self, base: Slot, args: &[i64]) -> Result<String, Failure> {
        let pushed = args.iter().all(|&arg| self.vm.push_int(arg).is_ok());
        if !pushed || self.vm.call(args.len() as u32, None).is_err() {
            return Err(self.failure(base));
        }
        let n_results = self.vm.top().distance_from(base);
        let mut texts = Vec::new();
        for i in 0..n_results {
            texts.push(self.text(base.offset(i)));
        }
        Ok(texts.join(", "))
    }

    fn failure(&mut self, base: Slot) -> Failure {
        let kind = self.vm.take_error();
        let top = self.vm.top();
        let message = match top.distance_from(base).checked_sub(1) {
            Some(i) => self.text(base.offset(i)),
            None => "(no value)".into(),
        };
        Failure {
            kind: Some(kind),
            message,
        }
    }

    fn text(&self, slot: Slot) -> String {
        match self.vm.view(slot) {
            View::Integer(i) => i.to_string(),
            View::Float(f) => format!("{f:?}"),
            View::Boolean(b) => b.to_string(),
            View::String(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => self.vm.type_of(slot).name().to_owned(),
        }
    }

    /// Runs a chunk that gives a string: its bytes.
    pub fn run_bytes(&mut self, source: &str) -> Option<Vec<u8>> {
        let base = self.vm.top();
        self.load(source.as_bytes()).ok()?;
        let called = self.vm.call(0, Some(1)).is_ok();
        if !called {
            self.vm.take_error();
        }
        let bytes = self.vm.bytes(base).map(<[u8]>::to_vec);
        // Lowering the top cannot fail.
        let _ = self.vm.set_top(base);
        bytes.filter(|_| called)
    }

    /// A global variable with a string.
    pub fn set_global(&mut self, name: &str, value: &[u8]) {
        let base = self.vm.top();
        let set = |vm: &mut Vm| {
            vm.push_globals()?;
            vm.push_bytes(value)?;
            vm.raw_set_name(base, name.as_bytes(), base.offset(1))?;
            vm.set_top(base)
        };
        set(&mut self.vm).unwrap_or_else(|e: cu::Thrown| panic!("{e:?}"));
    }

    /// What was printed since the last call.
    pub fn take_output(&mut self) -> String {
        String::from_utf8_lossy(&self.output.take()).into_owned()
    }

    /// The state answers programs it must be able to answer, whatever became of the libraries.
    pub fn assert_alive(&mut self, after: &str) {
        self.vm.set_fuel(None);
        self.vm.set_memory_limit(usize::MAX / 2);
        assert_eq!(self.run("return 1").as_deref(), Ok("1"), "after {after}");
        let built = self.run("local t = {} for i = 1, 99 do t[i] = {i .. ''} end local function f(n) return n == 0 and 0 or 1 + f(n - 1) end return #t, t[99][1], f(99)");
        assert_eq!(built.as_deref(), Ok("99, 99, 99"), "after {after}");
    }

    /// The state answers a program it must be able to answer.
    pub fn assert_usable(&mut self, after: &str) {
        self.assert_alive(after);
        let sorted = self.run("local t = {3, 1, 2} table.sort(t, function(a, b) return a < b end) return #t, t[1], ('x'):rep(3), coroutine.wrap(function() return pcall(error, 'e') end)()");
        assert_eq!(
            sorted.as_deref(),
            Ok("3, 1, xxx, false, e"),
            "after {after}"
        );
    }
}
