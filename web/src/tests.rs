//! Runs without JavaScript: a face whose functions are Rust's.
//!
//! Function 1 answers with its first argument, function 2 throws it, function 3 promises it, function 4 runs the
//! Lua function 1 inside the call.

use std::cell::RefCell;
use std::rc::Rc;

use crate::bridge::{self, Begin, Status};
use crate::face::{Answer, Face, ObjectAct, Worked};
use crate::wire::{self, Reader, Writer, tag};

#[derive(Default)]
struct Fake {
    id: RefCell<Option<u32>>,
    output: RefCell<Vec<u8>>,
    forgotten: RefCell<Vec<u32>>,
}

/// Puts the bytes of a message into the buffer.
fn send(write: impl FnOnce(&mut Writer)) {
    let mut writer = Writer::new(wire::take(), 1 << 26);
    write(&mut writer);
    wire::put(writer.finish());
}

/// The message, read by `read`.
fn receive<R>(read: impl FnOnce(&mut Reader<'_>) -> R) -> R {
    let buffer = wire::take();
    let result = read(&mut Reader::new(&buffer));
    wire::put(buffer);
    result
}

fn integer(reader: &mut Reader<'_>) -> i64 {
    assert_eq!(reader.byte(), Ok(tag::I32));
    i64::from(reader.i32().unwrap())
}

impl Face for Fake {
    fn call(&self, function: u32, _: u32) -> Answer {
        let given = receive(integer);
        if function == 3 {
            return Answer::Promised(given as u32);
        }
        let mut result = given;
        if function == 4 {
            send(|w| w.byte(0).unwrap());
            let id = self.id.borrow().unwrap();
            let begin = Begin::Call { function: 1, n: 0 };
            assert_eq!(bridge::run(id, begin, -1.0), Status::Done);
            result += receive(|r| {
                assert_eq!(r.word(), Ok(1));
                integer(r)
            });
        }
        send(|w| {
            w.word(1).unwrap();
            w.byte(0).unwrap();
            w.integer(result).unwrap();
        });
        match function {
            2 => Answer::Threw,
            _ => Answer::Returned,
        }
    }
    fn act(&self, _: u32, _: ObjectAct, _: u32) -> Answer {
        Answer::Stopped
    }
    fn calculate(&self, work: u8, _: &mut [u8], _: usize, _: usize) -> Worked {
        match work {
            wire::work::MUL => Worked::TooLong,
            _ => Worked::TooLarge,
        }
    }
    fn forget(&self, id: u32) {
        self.forgotten.borrow_mut().push(id);
    }
    fn write(&self, _: bool, bytes: &[u8]) {
        self.output.borrow_mut().extend_from_slice(bytes);
    }
    fn read(&self, _: &mut Vec<u8>) {}
    fn go_on(&self, _fuel_left: f64, _memory_used: f64) -> bool {
        true
    }
    fn now(&self) -> f64 {
        0.0
    }
    fn ticks(&self) -> f64 {
        0.0
    }
    fn random(&self) -> u32 {
        4
    }
    fn zone(&self, _: f64) -> f64 {
        0.0
    }
}

/// A machine with the four functions as `same`, `fail`, `wait` and `back`.
fn machine() -> (u32, Rc<Fake>) {
    let fake = Rc::new(Fake::default());
    let id = bridge::open(Rc::clone(&fake) as Rc<dyn Face>, 64 << 20, u32::MAX).unwrap();
    *fake.id.borrow_mut() = Some(id);
    send(|w| {
        w.string(b"same, fail, wait, back = ...", false).unwrap();
        w.string(b"=setup", false).unwrap();
        w.byte(0).unwrap();
        for i in 1..=4 {
            w.tagged(tag::HOST_FUNCTION, i).unwrap();
        }
    });
    assert_eq!(bridge::run(id, Begin::Chunk { n: 4 }, -1.0), Status::Done);
    (id, fake)
}

fn begin(id: u32, source: &str, fuel: f64) -> Status {
    send(|w| {
        w.string(source.as_bytes(), false).unwrap();
        w.string(b"=test", false).unwrap();
        w.byte(0).unwrap();
    });
    bridge::run(id, Begin::Chunk { n: 0 }, fuel)
}

/// The integer or text that a chunk returns, or its error.
fn run(id: u32, source: &str) -> String {
    match begin(id, source, -1.0) {
        Status::Done => receive(|r| {
            assert_eq!(r.word(), Ok(1));
            let rest = r.raw(1000).unwrap();
            let mut again = Reader::new(rest);
            match Reader::new(rest).string() {
                Ok(text) => String::from_utf8_lossy(text).into_owned(),
                Err(_) => integer(&mut again).to_string(),
            }
        }),
        Status::Failed => receive(|r| {
            r.raw(8).unwrap();
            String::from_utf8_lossy(r.string().unwrap()).into_owned()
        }),
        other => format!("{other:?}"),
    }
}

/// Goes on with a run that waits for the promise `wanted`.
fn settle(id: u32, wanted: u32, value: i64, fulfilled: bool) -> Status {
    let run = receive(|r| {
        let run = r.word().unwrap();
        assert_eq!(r.word(), Ok(wanted));
        run
    });
    send(|w| {
        w.byte(0).unwrap();
        w.integer(value).unwrap();
    });
    let begin = Begin::Resume {
        run,
        fulfilled,
        n: 1,
    };
    bridge::run(id, begin, -1.0)
}

fn result() -> i64 {
    receive(|r| {
        assert_eq!(r.word(), Ok(1));
        integer(r)
    })
}

#[test]
fn functions_answer_and_throw() {
    let (id, _) = machine();
    assert_eq!(run(id, "return same(7)"), "7");
    assert_eq!(
        run(id, "local ok, e = pcall(fail, 3) return ok and 0 or e"),
        "3"
    );
    assert_eq!(run(id, "fail(3)"), "3");
    assert_eq!(run(id, "error 'x'"), "test:1: x");
}

#[test]
fn programs_load_source_text_alone() {
    let (id, _) = machine();
    let load = "return select(2, load(string.dump(function() return 7 end)))";
    assert_eq!(
        run(id, load),
        "attempt to load a binary chunk (mode is 't')"
    );
    let file = "local f = io.open('m.lua', 'wb') f:write(string.dump(function() return 7 end)) f:close() \
         return select(2, loadfile('m.lua'))";
    assert_eq!(
        run(id, file),
        "attempt to load a binary chunk (mode is 't')"
    );
    assert_eq!(
        run(id, "return select(2, pcall(require, 'm'))")
            .lines()
            .next(),
        Some("error loading module 'm' from file './m.lua':")
    );
}

#[test]
fn a_run_waits_anywhere_in_coroutines_and_protected_calls() {
    let (id, _) = machine();
    let program = "local co = coroutine.wrap(function() \
          local ok, v = pcall(wait, 5) coroutine.yield(v) return select(2, pcall(wait, 6)) end) \
        return co() * 100 + co()";
    assert_eq!(begin(id, program, -1.0), Status::Waiting);
    assert_eq!(settle(id, 5, 2, true), Status::Waiting);
    assert_eq!(settle(id, 6, 3, false), Status::Done);
    assert_eq!(result(), 203);
}

#[test]
fn runs_wait_at_the_same_time() {
    let (id, _) = machine();
    assert_eq!(begin(id, "x = 1 return x + wait(1)", -1.0), Status::Waiting);
    let first = receive(|r| r.word().unwrap());
    assert_eq!(run(id, "x = 10 return x"), "10");
    assert_eq!(begin(id, "return wait(2)", -1.0), Status::Waiting);
    assert_eq!(settle(id, 2, 8, true), Status::Done);
    assert_eq!(result(), 8);
    send(|w| {
        w.byte(0).unwrap();
        w.integer(41).unwrap();
    });
    let begin = Begin::Resume {
        run: first,
        fulfilled: true,
        n: 1,
    };
    assert_eq!(bridge::run(id, begin, -1.0), Status::Done);
    assert_eq!(result(), 42);
}

#[test]
fn what_waits_cannot_be_resumed_by_programs() {
    let (id, _) = machine();
    let program = "co = coroutine.create(function() wait(1) end) main = coroutine.running() coroutine.resume(co)";
    assert_eq!(begin(id, program, -1.0), Status::Waiting);
    let refused = "return select(2, coroutine.resume(co)) .. '|' .. select(2, coroutine.resume(main)) .. '|' .. \
                   coroutine.status(co) .. coroutine.status(main) .. tostring(pcall(coroutine.close, main))";
    let wanted = "cannot resume non-suspended coroutine|cannot resume non-suspended coroutine|normalnormalfalse";
    assert_eq!(run(id, refused), wanted);
}

#[test]
fn waiting_inside_a_callback_of_the_library_is_an_error() {
    let (id, _) = machine();
    for program in [
        "table.sort({3, 2, 1}, function() wait(1) end)",
        "string.gsub('x', 'x', function() wait(1) end)",
        "string.gsub('x', 'x', coroutine.wrap(function() wait(1) end))",
    ] {
        let told = run(id, program);
        assert!(told.contains("cannot wait for a promise here"), "{told}");
    }
    assert_eq!(run(id, "return same(1)"), "1");
}

#[test]
fn the_main_function_is_no_coroutine() {
    let (id, _) = machine();
    let program = "local _, main = coroutine.running() return tostring(main) .. tostring(coroutine.isyieldable()) .. \
                   tostring(select(2, pcall(coroutine.yield)))";
    let wanted = "truefalseattempt to yield from outside a coroutine";
    assert_eq!(run(id, program), wanted);
}

#[test]
fn javascript_may_call_lua_inside_a_call() {
    let (id, _) = machine();
    assert_eq!(
        begin(id, "return function() return same(5) end", -1.0),
        Status::Done
    );
    receive(|r| {
        assert_eq!(
            (r.word(), r.byte(), r.word()),
            (Ok(1), Ok(tag::FUNCTION), Ok(1))
        )
    });
    assert_eq!(run(id, "return back(1)"), "6");
    assert_eq!(
        run(
            id,
            "return select(2, coroutine.resume(coroutine.create(back), 2))"
        ),
        "7"
    );
}

#[test]
fn nothing_catches_the_end_of_fuel() {
    let (id, _) = machine();
    for program in [
        "while true do pcall(function() while true do end end) end",
        "coroutine.wrap(function() while true do end end)()",
        "local t <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
        "table.sort({3, 2, 1}, function() while true do end end)",
    ] {
        assert_eq!(begin(id, program, 100_000.0), Status::Stopped, "{program}");
        assert_eq!(receive(|r| r.word()), Ok(1));
    }
    assert_eq!(run(id, "return same(1)"), "1");
}

#[test]
fn a_run_that_waits_can_be_given_up() {
    let (id, fake) = machine();
    for _ in 0..100 {
        assert_eq!(begin(id, "wait(1)", -1.0), Status::Waiting);
        let run = receive(|r| r.word().unwrap());
        assert!(bridge::abandon(id, run));
    }
    assert_eq!(run(id, "print 'still here' return same(1)"), "1");
    assert_eq!(*fake.output.borrow(), b"still here\n");
    assert!(bridge::close(id));
    assert!(!bridge::close(id));
    assert_eq!(begin(id, "", -1.0), Status::Busy);
}

#[test]
fn numbers_that_javascript_refuses_are_a_memory_error_or_end_the_run() {
    let (id, _) = machine();
    let program = "local big = require 'bigint' \
        local ok, e = pcall(function() return big.new(2) + big.new(3) end) return e";
    assert_eq!(run(id, program), "not enough memory");
    let program =
        "local big = require 'bigint' pcall(function() return big.new(2) * big.new(3) end)";
    assert_eq!(begin(id, program, -1.0), Status::Stopped);
    assert_eq!(
        receive(|r| r.word()),
        Ok(u32::from(crate::host::stop::TIME))
    );
    // What needs no arithmetic does not ask.
    assert_eq!(
        run(
            id,
            "return -(require 'bigint').new(7) == (require 'bigint').new(-7) and 1"
        ),
        "1"
    );
}

#[test]
fn functions_that_lua_forgets_are_given_back() {
    let (id, fake) = machine();
    assert_eq!(
        run(id, "same = nil collectgarbage() collectgarbage() return 1"),
        "1"
    );
    assert_eq!(*fake.forgotten.borrow(), [1]);
}

#[test]
fn deep_and_cyclic_tables_come_back_as_they_were() {
    let (id, _) = machine();
    let program = "local t = {} t.self = t t[t] = {t} for i = 1, 100000 do t = {t} end return t";
    assert_eq!(begin(id, program, -1.0), Status::Done);
    // The message is given back as it is.
    let message = wire::take();
    let values = message[4..].to_vec();
    wire::put(message);
    send(|w| {
        w.string(b"local t = ... for i = 1, 100000 do t = t[1] end return (t.self == t and t[t][1] == t) and 1 or 0", false)
            .unwrap();
        w.string(b"=test", false).unwrap();
        w.byte(1).unwrap();
        w.raw(&values).unwrap();
    });
    assert_eq!(bridge::run(id, Begin::Chunk { n: 1 }, -1.0), Status::Done);
    assert_eq!(result(), 1);
}

#[test]
fn a_message_that_makes_no_sense_is_an_error() {
    let (id, _) = machine();
    for bytes in [
        &[0, 30][..],
        &[0, tag::BACK, 0, 0, 0, 0],
        &[1, tag::BACK, 9, 0, 0, 0],
        &[0, tag::STR, 255, 255, 255, 255],
        &[0, tag::ARRAY, 255, 255, 255, 255, 0, 0, 0, 0],
    ] {
        // What follows in the buffer makes no sense, either.
        send(|w| {
            w.string(b"return 1", false).unwrap();
            w.string(b"=test", false).unwrap();
            w.raw(bytes).unwrap();
            w.raw(&[40; 30_000]).unwrap();
        });
        assert_eq!(bridge::run(id, Begin::Chunk { n: 1 }, -1.0), Status::Failed);
    }
    assert_eq!(run(id, "return same(1)"), "1");
}
