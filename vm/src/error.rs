//! Errors: their kinds, and how they are raised.
//!
//! An error in flight is a zero-sized [`Thrown`]; its value and kind stand in the machine. That keeps
//! every `Result` in one machine word (vm.md: two-word results go through memory on wasm32).

use crate::Vm;
use crate::heap::OutOfMemory;
use crate::heap::object::*;
use crate::interp::hook;
use crate::native::{Args, Slot, Thrown};
use crate::table::SetError;
use crate::value::{Value, tag};

/// What kind of error ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Raised by the program or a library function.
    Runtime,
    /// The memory limit was reached.
    Memory,
    /// The fuel was used up. No Lua construct catches this.
    Fuel,
    /// An error in a message handler.
    Handler,
    /// The program asked for the end of the run. No Lua construct catches this.
    Exit,
    /// The host asked for the end of the run ([`Host::interrupted`](crate::Host::interrupted)). No Lua construct
    /// catches this.
    Interrupt,
}

impl ErrorKind {
    /// Whether no Lua construct catches it.
    pub(crate) fn ends_run(self) -> bool {
        match self {
            ErrorKind::Fuel | ErrorKind::Exit | ErrorKind::Interrupt => true,
            ErrorKind::Runtime | ErrorKind::Memory | ErrorKind::Handler => false,
        }
    }
}

impl Vm {
    /// Raises a value.
    pub(crate) fn raise(&mut self, value: Value) -> Thrown {
        self.error_value = value;
        self.error_kind = ErrorKind::Runtime;
        self.error_handled = false;
        self.reraised = false;
        self.raised = true;
        Thrown(())
    }

    /// Raises "not enough memory".
    #[cold]
    pub fn out_of_memory(&mut self) -> Thrown {
        self.exhausted = true;
        self.heap.set_threshold(0);
        self.error_value = Value::string(self.memory_message);
        self.error_kind = ErrorKind::Memory;
        self.error_handled = true;
        self.reraised = false;
        self.raised = true;
        Thrown(())
    }

    /// Ends the run as if the fuel had been used up: nothing that Lua has catches this.
    #[cold]
    pub fn stop(&mut self) -> Thrown {
        self.out_of_fuel()
    }

    #[cold]
    pub(crate) fn out_of_fuel(&mut self) -> Thrown {
        self.end_run(ErrorKind::Fuel, b"out of fuel")
    }

    /// Ends the run because the host wants it to: nothing that Lua has catches this.
    #[cold]
    pub fn interrupted(&mut self) -> Thrown {
        self.end_run(ErrorKind::Interrupt, b"interrupted")
    }

    /// Raises an error that no program catches; its value is for the host.
    fn end_run(&mut self, kind: ErrorKind, text: &[u8]) -> Thrown {
        // A native is named by the Lua code that called it.
        let mut message = self.where_text(0);
        if message.is_empty() {
            message = self.where_text(1);
        }
        message.extend_from_slice(text);
        hook::forget(self);
        // Without memory for the message the kind has to do.
        let message = self.heap.new_string(&message);
        self.error_value = message.map_or(Value::NIL, Value::string);
        self.error_kind = kind;
        self.error_handled = true;
        self.reraised = false;
        self.raised = true;
        Thrown(())
    }

    /// Raises an error whose value is the concatenation of `parts`.
    #[cold]
    pub fn error_plain(&mut self, parts: &[&[u8]]) -> Thrown {
        let len = parts.iter().map(|p| p.len()).sum();
        let mut text = Vec::new();
        if text.try_reserve_exact(len).is_err() {
            return self.out_of_memory();
        }
        for part in parts {
            text.extend_from_slice(part);
        }
        match self.heap.new_string(&text) {
            Ok(s) => self.raise(Value::string(s)),
            Err(OutOfMemory) => self.out_of_memory(),
        }
    }

    /// Raises an error whose value is the position of the calling Lua code and `parts` (`luaL_error`).
    #[cold]
    pub fn error(&mut self, parts: &[&[u8]]) -> Thrown {
        // Without a native's frame, the machine works for the running function itself.
        let place = self.known_place(u32::from(!self.runs_lua()));
        self.error_at(&place, parts)
    }

    /// Raises an error at the current instruction of the running Lua function (if one is running).
    #[cold]
    pub(crate) fn run_error(&mut self, parts: &[&[u8]]) -> Thrown {
        let place = self.where_text(0);
        self.error_at(&place, parts)
    }

    fn error_at(&mut self, place: &[u8], parts: &[&[u8]]) -> Thrown {
        let mut all: Vec<&[u8]> = Vec::with_capacity(parts.len() + 1);
        all.push(place);
        all.extend_from_slice(parts);
        self.error_plain(&all)
    }

    /// Raises the value in a slot as it is.
    #[cold]
    pub fn throw(&mut self, slot: Slot) -> Thrown {
        let value = self.value_at(slot);
        self.raise(value)
    }

    #[cold]
    pub(crate) fn set_error(&mut self, e: SetError) -> Thrown {
        match e {
            SetError::Nil => self.run_error(&[b"table index is nil"]),
            SetError::NaN => self.run_error(&[b"table index is NaN"]),
            SetError::Memory => self.out_of_memory(),
        }
    }

    /// `bad argument #n to 'f' (message)`; `i` counts from 0.
    #[cold]
    pub fn arg_error(&mut self, args: Args, i: u32, parts: &[&[u8]]) -> Thrown {
        let _ = args;
        let mut n = i as i64 + 1;
        let called = self.called_function_name();
        let (kind, mut name) = called.unwrap_or((b"" as &[u8], Vec::new()));
        if kind == b"method" {
            n -= 1;
            if n == 0 {
                let mut all: Vec<&[u8]> = vec![b"calling '", &name, b"' on bad self ("];
                all.extend_from_slice(parts);
                all.push(b")");
                return self.error(&all);
            }
        }
        if name.is_empty() {
            name = self.running_native_name().unwrap_or_else(|| b"?".to_vec());
        }
        let mut digits = [0; 24];
        let number = crate::number_text::write_integer(&mut digits, n).to_vec();
        let mut all: Vec<&[u8]> = vec![b"bad argument #", &number, b" to '", &name, b"' ("];
        all.extend_from_slice(parts);
        all.push(b")");
        self.error(&all)
    }

    /// `bad argument #n to 'f' (EXPECTED expected, got TYPE)`.
    #[cold]
    pub fn type_error(&mut self, args: Args, i: u32, expected: &str) -> Thrown {
        let slot = args.slot(i);
        let found = self.type_name(slot);
        self.arg_error(args, i, &[expected.as_bytes(), b" expected, got ", &found])
    }

    /// Type name for messages: `__name` if it is a string, "light userdata", or the basic type.
    pub(crate) fn value_type_name(&self, v: Value) -> Vec<u8> {
        // SAFETY: a valid value.
        unsafe {
            if matches!(v.tag, tag::TABLE | tag::USERDATA) {
                let name = self.metamethod(v, crate::meta::Event::Name);
                if name.is_string() {
                    return Str::bytes(name.as_str()).to_vec();
                }
            }
        }
        if v.tag == tag::LIGHT {
            b"light userdata".to_vec()
        } else {
            v.type_of().name().as_bytes().to_vec()
        }
    }
}
