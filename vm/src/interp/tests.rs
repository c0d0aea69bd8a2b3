//! Small programs that take the loop, calls, coroutines, unwinding and finalizers through their unsafe code, short enough
//! for Miri. What programs mean is tested by the suite; here it counts that they do it without a wrong access.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crate::compile::compile;
use crate::host::{FileId, Host, HostResult};
use crate::isa::{Instr, Op};
use crate::native::{Args, Native, NativeResult, Outcome};
use crate::{Config, Vm};
use cu_lexer::Meter;

/// A host that gives nothing.
struct NoHost;

impl Host for NoHost {
    fn write(&mut self, _file: FileId, _bytes: &[u8]) -> HostResult<()> {
        Ok(())
    }

    fn entropy(&mut self) -> [u64; 2] {
        [1, 2]
    }
}

/// What the programs have for a library.
static NATIVES: [Native; 7] = [
    Native {
        name: "meta",
        call: |vm, args| {
            vm.set_metatable(args.slot(0), args.slot(1))?;
            vm.push_slot(args.slot(0))?;
            Ok(Outcome::results(1))
        },
    },
    Native {
        name: "collect",
        call: |vm, _| {
            vm.gc_collect()?;
            Ok(Outcome::results(0))
        },
    },
    Native {
        name: "create",
        call: |vm, args| {
            vm.push_new_thread(args.slot(0))?;
            Ok(Outcome::results(1))
        },
    },
    Native {
        name: "resume",
        call: |vm, args| match args.state() {
            0 => Ok(Outcome::resume(args.len() - 1, 1)),
            _ => all_from(vm, args),
        },
    },
    Native {
        name: "yield",
        call: |_, args| Ok(Outcome::yield_values(args.len())),
    },
    Native {
        name: "pcall",
        call: |vm, args| match args.state() {
            0 => Ok(Outcome::protected_call(args.len() - 1, 1)),
            _ => all_from(vm, args),
        },
    },
    Native {
        name: "next",
        call: |vm, args| {
            if args.len() < 2 {
                vm.push_nil()?;
            }
            vm.push_slot(args.slot(0))?;
            let (key, t) = (args.slot(0).offset(1), vm.top().below(1));
            vm.push_slot(key)?;
            let n = match vm.next(t, t.offset(1))? {
                true => 2,
                false => {
                    vm.push_nil()?;
                    1
                }
            };
            Ok(Outcome::results(n))
        },
    },
];

/// Whatever lies from the first argument on.
fn all_from(vm: &mut Vm, args: Args) -> NativeResult {
    Ok(Outcome::results(vm.top().distance_from(args.slot(0))))
}

fn machine() -> Vm {
    let config = Config {
        memory_limit: 16 << 20,
        max_stack: 3000,
        ..Config::default()
    };
    let mut vm = Vm::new(Box::new(NoHost), config).unwrap();
    let globals = vm.top();
    vm.push_globals().unwrap();
    for native in &NATIVES {
        vm.push_native(native).unwrap();
        let name = native.name.as_bytes();
        vm.raw_set_name(globals, name, globals.offset(1)).unwrap();
        vm.pop(1);
    }
    vm.pop(1);
    vm
}

fn run(vm: &mut Vm, source: &str) -> Option<i64> {
    let at = vm.top();
    assert!(vm.load_bytes(source.as_bytes(), b"=test", b"t").unwrap());
    if vm.call(0, Some(1)).is_err() {
        vm.take_error();
        vm.set_top(at).unwrap();
        return None;
    }
    let result = vm.to_integer(at);
    vm.pop(1);
    result
}

/// Runs a program in a machine of its own, and closes that.
#[track_caller]
fn gives(source: &str, result: i64) {
    let mut vm = machine();
    assert_eq!(run(&mut vm, source), Some(result));
    vm.gc_collect().unwrap();
    assert_eq!(run(&mut vm, "return 1"), Some(1));
    vm.close();
}

#[test]
fn closures_share_variables_open_and_closed() {
    gives(
        "local fs = {}
         for i = 1, 4 do local n = i fs[i] = function(d) n = n + d return n end end
         local a = 0
         local function add() a = a + 1 return function() a = a * 2 return a end end
         local f = add() f() collect()
         return fs[1](10) + fs[1](10) + fs[4](0) + f()",
        11 + 21 + 4 + 4,
    );
}

#[test]
fn deep_calls_move_the_stack_and_the_frames() {
    gives(
        "local up = 1
         local function deep(n, ...)
           local x = n
           local function get() return x + up end
           if n == 0 then return 0 end
           local r = deep(n - 1, n, ...)
           return r + get() - up
         end
         return deep(60)",
        60 * 61 / 2,
    );
}

#[test]
fn arguments_may_vary() {
    gives(
        "local function count(...) local t = {...} return #t end
         local function pass(a, ...) return ... end
         local function tail(n, ...) if n == 0 then return count(...) end return tail(n - 1, n, ...) end
         local a, b, c = pass(1, 2)
         local big = {}
         for i = 1, 60 do big[i] = i end
         return tail(30) * 1000 + count(pass(1, 2, 3)) * 100 + a * 10 + (c == nil and 7 or 0)",
        30 * 1000 + 2 * 100 + 2 * 10 + 7,
    );
}

#[test]
fn tables_are_read_and_written_in_every_form() {
    gives(
        "local t, s = {1, 2, 3, x = 4, [10] = 5}, 0
         for i = 1, 20 do t[i] = i t['f' .. i] = i t[i + 0.5] = i end
         t.x = t.x + 1 t[1] = nil t[-1] = 3 t.f3 = nil
         function t:m(n) self.x = self.x + n return self.x end
         for k, v in next, t do if k ~= 'm' then s = s + v end end
         g = t g.x = g.x + t:m(2) + #t
         for i = 1, 20 do t[i] = nil end
         return s * 100 + g.x",
        63432,
    );
}

#[test]
fn metamethods_are_called_from_instructions() {
    gives(
        "local log = 0
         local mt = {}
         mt.__add = function(a, b) log = log + 1 return 10 end
         mt.__index = function(t, k) log = log + 2 return 20 end
         mt.__newindex = function(t, k, v) log = log + 4 end
         mt.__call = function(self, x) log = log + 8 return x end
         mt.__concat = function(a, b) log = log + 16 return 30 end
         mt.__lt = function(a, b) log = log + 32 return true end
         mt.__eq = function(a, b) log = log + 64 return true end
         mt.__len = function(a) log = log + 128 return 40 end
         mt.__unm = function(a) log = log + 256 return 50 end
         local a, b = meta({}, mt), meta({}, mt)
         local sum = (a + 1) + a.x + a(5) + ('y' .. a) + #a + -a
         a.y = 1
         if a < b and a == b then sum = sum + 1000 end
         return log * 10000 + sum",
        511 * 10000 + 10 + 20 + 5 + 30 + 40 + 50 + 1000,
    );
}

#[test]
fn strings_are_joined_and_compared() {
    gives(
        "local s, n = '', 0
         for i = 1, 30 do s = s .. i .. ',' if s > 'x' then n = n + 1 end end
         local t = {[s] = 1} t[s .. ''] = t[s] + 1
         return #s * 10 + t[s] + n",
        812,
    );
}

#[test]
fn coroutines_keep_their_stacks() {
    gives(
        "local co = create(function(a, b)
           local x <close> = meta({}, {__close = function() closed = 100 end})
           local c = yield(a + b) collect()
           local d, e = yield(c * 2)
           return d + e
         end)
         local a = resume(co, 1, 2)
         local b = resume(co, 10) collect()
         local c = resume(co, 3, 4)
         local lost = create(function() local t = {} yield(function() return t end) end)
         resume(lost) lost = nil collect()
         return a + b * 10 + c * 1000 + closed * 10000",
        3 + 20 * 10 + 7 * 1000 + 100 * 10000,
    );
}

#[test]
fn errors_unwind_and_close() {
    gives(
        "local n = 0
         local mt = {__close = function(_, e) n = n + (e and 10 or 1) end}
         local function bad()
           local a <close> = meta({}, mt)
           local b <close> = meta({}, mt)
           local f = function() return a, b end
           n.x.y = 1
         end
         pcall(bad) pcall(pcall, bad)
         pcall(function() local c <close> = meta({}, mt) return 1, 2, 3 end)
         local function endless() return endless() + 1 end
         pcall(endless)
         local co = create(function() local x <close> = meta({}, mt) yield() n() end)
         pcall(resume, co) pcall(resume, co)
         return n",
        41,
    );
}

#[test]
fn finalizers_run_and_bring_back() {
    gives(
        "local n = 0
         local mt = {}
         mt.__gc = function(o) n = n + o.v kept = o.v == 2 and o or kept end
         for i = 1, 3 do meta({v = i}, mt) end
         collect() collect()
         local v = kept.v
         meta(kept, mt) kept = nil collect()
         local weak = meta({}, {__mode = 'k'})
         weak[{}] = {} weak[v] = 1 collect()
         local left = 0
         for _ in next, weak do left = left + 1 end
         return n * 10 + left",
        (1 + 2 + 3 + 2) * 10 + 1,
    );
}

#[test]
fn memory_may_end_anywhere() {
    let source = "local t = {} for i = 1, 3 do t[i] = function() return i, t, 'a' .. i end end
         local co = create(function(...) local x = {...} yield(#x) end)
         return resume(co, 1, 2, 3) + #t";
    let mut vm = machine();
    vm.fail_allocation(None, false);
    assert_eq!(run(&mut vm, source), Some(6));
    let n = vm.fail_allocation(None, false);
    let step = if cfg!(miri) { n / 6 } else { 1 };
    for failing in (0..n).step_by(step as usize) {
        vm.fail_allocation(Some(failing), failing % 2 == 0);
        // Its answer is one or an error; what counts is that everything goes on.
        let _ = pushes_load(&mut vm, source);
        vm.fail_allocation(None, false);
        vm.gc_collect().unwrap();
        assert_eq!(run(&mut vm, "return 1"), Some(1));
    }
}

#[test]
fn variables_are_not_marked_to_be_closed_out_of_order() {
    // The block leaves something to close in the registers of both variables.
    let source = "
        n_closed = 0
        local m = meta({}, {__close = function() n_closed = n_closed + 1 collect() end})
        do local a, b = m, m end
        local a <close> = m
        local b <close> = m
        return 1";
    let mut data = compile(source.as_bytes(), b"=test", &mut Meter::new(1 << 20)).unwrap();
    let marks: Vec<&mut u64> = data
        .code
        .iter_mut()
        .filter(|word| Instr(**word).op() == Some(Op::Tbc))
        .collect();
    let [first, second] = <[&mut u64; 2]>::try_from(marks).unwrap();
    std::mem::swap(first, second);
    let mut vm = machine();
    let at = vm.top();
    vm.push_data(&data).unwrap().unwrap();
    assert!(vm.call(0, Some(1)).is_err());
    vm.take_error();
    let message = vm.bytes(at).map(|bytes| bytes.ends_with(b"out of order"));
    assert_eq!(message, Some(true));
    vm.set_top(at).unwrap();
    assert_eq!(run(&mut vm, "return n_closed"), Some(1));
    vm.close();
}

/// As `run`, where loading may fail, too.
fn pushes_load(vm: &mut Vm, source: &str) -> bool {
    let at = vm.top();
    let is_loaded = matches!(vm.load_bytes(source.as_bytes(), b"=test", b"t"), Ok(true));
    let is_run = is_loaded && vm.call(0, Some(1)).is_ok();
    if !is_run {
        vm.take_error();
    }
    vm.set_top(at).unwrap();
    is_run
}
