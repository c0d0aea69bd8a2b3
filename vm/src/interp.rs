//! The register machine: one loop over verified instructions.
//!
//! The loop keeps four things in locals: the program counter, the base of the registers, the frame and the
//! fuel of the slice. It leaves at the end of a slice and is entered again, because V8 replaces the
//! code of a running WebAssembly function only at its next call (vm.md: an interpreter that never returns stays in
//! baseline code, about twice as slow).
//!
//! What the loop relies on without checking is listed in `isa.rs` and held by the verifier: register and constant
//! operands in range, jumps to instructions, windows inside the frame. `push_lua` gives every frame
//! `max_stack` registers and `EXTRA` slots beyond them.
//!
//! Each arm that may fail or call something first stores the program counter in the frame, then reloads
//! everything, because the stack may have moved or another frame may be on top.

// Long: the arms share the loop's local macros, which cannot cross functions; what is not hot is in `interp/`.

pub(crate) mod call;
pub(crate) mod coroutine;
pub(crate) mod fast;
mod general;
pub(crate) mod hook;
pub(crate) mod meta_call;
mod nested;
mod ops;
pub(crate) mod unwind;

use crate::Vm;
use crate::checked::holds;
use crate::convert;
use crate::heap::object::*;
use crate::isa::{OPS, Op};
use crate::meta::Event;
use crate::native::Thrown;
use crate::number::*;
use crate::table;
use crate::thread::{self, frame_flag};
use crate::value::{self, Value, tag};
use call::Flow;
use ops::*;

/// Why the loop was left.
pub(crate) enum Exit {
    /// The entry frame of this run has returned.
    Return,
    /// The slice is spent.
    Slice,
    /// An error is in flight.
    Error,
}

/// Event of an arithmetic operation.
pub(crate) fn event_of(op: Op) -> Option<Event> {
    Some(match op {
        Op::Add | Op::AddI | Op::AddK => Event::Add,
        Op::Sub | Op::SubI | Op::SubK | Op::SubKR => Event::Sub,
        Op::Mul | Op::MulI | Op::MulK => Event::Mul,
        Op::Mod | Op::ModI | Op::ModK => Event::Mod,
        Op::Pow | Op::PowK => Event::Pow,
        Op::Div | Op::DivK | Op::DivKR => Event::Div,
        Op::IDiv | Op::IDivI | Op::IDivK => Event::IDiv,
        Op::BAnd | Op::BAndK => Event::BAnd,
        Op::BOr | Op::BOrK => Event::BOr,
        Op::BXor | Op::BXorK => Event::BXor,
        Op::Shl | Op::ShlI => Event::Shl,
        Op::Shr | Op::ShrI => Event::Shr,
        Op::Unm => Event::Unm,
        Op::BNot => Event::BNot,
        Op::Len => Event::Len,
        _ => return None,
    })
}

/// Runs the Lua frame on top until the entry frame of this run returns, if it has not already.
#[inline(always)]
pub(crate) unsafe fn execute(vm: &mut Vm, flow: Flow) -> Result<(), Thrown> {
    // SAFETY: a Lua frame is on top of the running thread.
    unsafe {
        if flow == Flow::Exit {
            return Ok(());
        }
        loop {
            if vm.refill().is_err() {
                match unwind::unwind(vm)? {
                    Flow::Run => continue,
                    Flow::Exit => return Ok(()),
                }
            }
            // Through a pointer: an optimiser that inlined the loop here would undo the leaving and entering.
            // A thread with a hook goes on by single steps.
            let exit = if (*vm.th).trap != 0 {
                hook::step(vm)
            } else {
                (vm.run)(vm)
            };
            match exit {
                Exit::Return => return Ok(()),
                Exit::Slice => {}
                Exit::Error => match unwind::unwind(vm)? {
                    Flow::Run => {}
                    Flow::Exit => return Ok(()),
                },
            }
        }
    }
}

/// The loop.
///
/// # Safety
/// A Lua frame is on top of the running thread.
#[inline(never)]
pub(crate) unsafe fn run(vm: &mut Vm) -> Exit {
    // SAFETY: see the head of this file.
    unsafe {
        let mut fr: *mut Frame = (*vm.th).frame;
        let mut base: *mut Value = (*fr).base;
        let mut pc: *mut u64 = (*fr).pc;
        let mut fuel: i32 = vm.slice;

        macro_rules! reload {
            () => {{
                fr = (*vm.th).frame;
                base = (*fr).base;
                pc = (*fr).pc;
                fuel = vm.slice;
                if (*vm.th).trap != 0 {
                    return Exit::Slice;
                }
            }};
        }
        macro_rules! save {
            () => {{
                (*fr).pc = pc;
                vm.slice = fuel;
            }};
        }
        // A slow path that only can fail.
        macro_rules! check {
            ($e:expr) => {{
                save!();
                match $e {
                    Ok(v) => {
                        // A finalizer may have run: frames and slots may have moved.
                        fr = (*vm.th).frame;
                        base = (*fr).base;
                        fuel = vm.slice;
                        v
                    }
                    Err(_) => return Exit::Error,
                }
            }};
        }
        macro_rules! spend {
            () => {{
                fuel -= 1;
                if fuel <= 0 {
                    save!();
                    return Exit::Slice;
                }
            }};
        }

        'next: loop {
            holds("the running thread", || {
                (*vm.th).frame == fr && Thread::is_whole(vm.th)
            });
            let i = Frame::at(fr, pc);
            pc = pc.add(1);
            // A slow path that answers with a flow.
            macro_rules! slow {
                ($e:expr) => {{
                    save!();
                    saved!($e)
                }};
            }
            // The price of a call. Without it one that calls itself fills the stack for nothing, again and again.
            macro_rules! spend_call {
                () => {{
                    fuel -= 1;
                    if fuel <= 0 {
                        // Come back to this instruction with a new slice.
                        pc = i;
                        fuel = 0;
                        save!();
                        return Exit::Slice;
                    }
                }};
            }
            // The same after `save!`.
            macro_rules! saved {
                ($e:expr) => {{
                    match $e {
                        Ok(Flow::Run) => reload!(),
                        Ok(Flow::Exit) => return Exit::Return,
                        Err(_) => return Exit::Error,
                    }
                    continue 'next;
                }};
            }
            // What is left of a call when it is not a Lua function's: `(function, arguments, results)`.
            let (func, n_args, n_results) = 'called: {
                'short: {
                    macro_rules! fld_a {
                        () => {
                            (*i.cast::<u16>().add(1)) as usize
                        };
                    }
                    macro_rules! fld_b {
                        () => {
                            (*i.cast::<u16>().add(2)) as usize
                        };
                    }
                    macro_rules! fld_c {
                        () => {
                            (*i.cast::<u16>().add(3)) as usize
                        };
                    }
                    macro_rules! fld_f {
                        () => {
                            *i.cast::<u8>().add(1)
                        };
                    }
                    macro_rules! fld_d {
                        () => {
                            *i.cast::<i32>().add(1)
                        };
                    }
                    macro_rules! ra {
                        () => {
                            Frame::window(fr, base, fld_a!(), 1)
                        };
                    }
                    // The registers from `ra` on.
                    macro_rules! window {
                        ($n:expr) => {
                            Frame::window(fr, base, fld_a!(), $n)
                        };
                    }
                    macro_rules! rb {
                        () => {
                            Frame::window(fr, base, fld_b!(), 1)
                        };
                    }
                    macro_rules! rc {
                        () => {
                            Frame::window(fr, base, fld_c!(), 1)
                        };
                    }
                    macro_rules! kb {
                        () => {
                            Frame::constant(fr, fld_b!())
                        };
                    }
                    macro_rules! kc {
                        () => {
                            Frame::constant(fr, fld_c!())
                        };
                    }
                    // Payload and tag, in the widths in which everything here reads and writes them: a wider load of
                    // what was just stored in parts would wait until the parts have left the store buffer.
                    macro_rules! assign {
                        ($to:expr, $from:expr) => {
                            value::assign($to, $from)
                        };
                    }
                    macro_rules! set_int {
                        ($to:expr, $i:expr) => {{
                            let to: *mut Value = $to;
                            (*to).payload = $i as u64;
                            (*to).tag = tag::INTEGER;
                        }};
                    }
                    // Nil and booleans: the payload is always zero, so that equal values are equal in both parts.
                    macro_rules! set_plain {
                        ($to:expr, $tag:expr) => {{
                            let to: *mut Value = $to;
                            (*to).payload = 0;
                            (*to).tag = $tag;
                        }};
                    }
                    macro_rules! set_float {
                        ($to:expr, $f:expr) => {{
                            let to: *mut Value = $to;
                            (*to).payload = f64::to_bits($f);
                            (*to).tag = tag::FLOAT;
                        }};
                    }
                    macro_rules! jump_c {
                        () => {
                            pc = pc.add(fld_c!())
                        };
                    }
                    macro_rules! skip_cache {
                        () => {
                            pc = pc.add(1)
                        };
                    }
                    // Node of an interned name, by the hint or by a walk; null if there is none.
                    macro_rules! name_node {
                        ($t:expr, $key:expr, $hint:expr) => {{
                            let t: *mut Table = $t;
                            let at: *mut u32 = $hint;
                            let h = *at;
                            let node = Table::hinted(t, h);
                            if h < (*t).node_bytes && (*node).has_name($key) {
                                node
                            } else {
                                table::find_name_hint(t, $key, at)
                            }
                        }};
                    }
                    // Arithmetic with an integer and a float form.
                    macro_rules! arith {
                        ($b:expr, $c:expr, $int:expr, $float:expr) => {{
                            let (b, c): (*const Value, *const Value) = ($b, $c);
                            let (tb, tc) = ((*b).tag, (*c).tag);
                            if tb & tc & tag::INTEGER != 0 {
                                let f: fn(i64, i64) -> i64 = $int;
                                set_int!(ra!(), f((*b).as_int(), (*c).as_int()));
                            } else {
                                arith_f!(b, c, tb, tc, $float)
                            }
                        }};
                    }
                    // The float form: both floats, or one of them an integer.
                    macro_rules! arith_f {
                        ($b:expr, $c:expr, $tb:expr, $tc:expr, $float:expr) => {{
                            let (b, c): (*const Value, *const Value) = ($b, $c);
                            let (tb, tc): (u32, u32) = ($tb, $tc);
                            let (x, y) = if tb & tc & tag::FLOAT != 0 {
                                ((*b).as_float(), (*c).as_float())
                            } else if tb & tag::FLOAT != 0 && tc & tag::INTEGER != 0 {
                                ((*b).as_float(), (*c).as_int() as f64)
                            } else if tb & tag::INTEGER != 0 && tc & tag::NUMBER != 0 {
                                ((*b).as_int() as f64, (*c).number_as_float())
                            } else {
                                break 'short;
                            };
                            let f: fn(f64, f64) -> f64 = $float;
                            set_float!(ra!(), f(x, y));
                        }};
                    }
                    // The same with an immediate integer operand.
                    macro_rules! arith_i {
                        ($int:expr, $float:expr) => {{
                            let b = rb!();
                            let imm = fld_c!() as u16 as i16 as i64;
                            let t = (*b).tag;
                            if t == tag::INTEGER {
                                let f: fn(i64, i64) -> i64 = $int;
                                set_int!(ra!(), f((*b).as_int(), imm));
                            } else if t == tag::FLOAT {
                                let f: fn(f64, f64) -> f64 = $float;
                                set_float!(ra!(), f((*b).as_float(), imm as f64));
                            } else {
                                break 'short;
                            }
                        }};
                    }
                    // Division and power: floats only.
                    macro_rules! float_only {
                        ($b:expr, $c:expr, $float:expr) => {{
                            let (b, c): (*const Value, *const Value) = ($b, $c);
                            arith_f!(b, c, (*b).tag, (*c).tag, $float)
                        }};
                    }
                    // Modulo and floor division: a zero divisor is an error of integers.
                    // Operands of up to 32 bits are divided as such: that is quicker, and none of them is negative.
                    macro_rules! divide {
                        ($b:expr, $c:expr, $small:expr, $int:expr, $float:expr) => {{
                            let (b, c): (*const Value, *const Value) = ($b, $c);
                            let both = (*b).tag & (*c).tag;
                            if both & tag::INTEGER != 0 && (*c).payload != 0 {
                                let (x, y) = ((*b).payload, (*c).payload);
                                let f: fn(u32, u32) -> u32 = $small;
                                if (x | y) >> 32 == 0 {
                                    set_int!(ra!(), f(x as u32, y as u32));
                                } else {
                                    set_int!(ra!(), $int(x as i64, y as i64));
                                }
                            } else if both & tag::FLOAT != 0 {
                                set_float!(ra!(), $float((*b).as_float(), (*c).as_float()));
                            } else {
                                break 'short;
                            }
                        }};
                    }
                    // The same by an immediate, which is positive.
                    macro_rules! divide_i {
                        ($small:expr, $int:expr, $float:expr) => {{
                            let b = rb!();
                            let imm = fld_c!();
                            if (*b).tag == tag::INTEGER {
                                let x = (*b).payload;
                                let f: fn(u32, u32) -> u32 = $small;
                                if x >> 32 == 0 {
                                    set_int!(ra!(), f(x as u32, imm as u32));
                                } else {
                                    set_int!(ra!(), $int(x as i64, imm as i64));
                                }
                            } else if (*b).tag == tag::FLOAT {
                                set_float!(ra!(), $float((*b).as_float(), imm as f64));
                            } else {
                                break 'short;
                            }
                        }};
                    }
                    macro_rules! shift_i {
                        ($int:expr) => {{
                            let b = rb!();
                            if (*b).tag != tag::INTEGER {
                                break 'short;
                            }
                            let imm = fld_c!() as u16 as i16 as i64;
                            set_int!(ra!(), $int((*b).as_int(), imm));
                        }};
                    }
                    macro_rules! bitwise {
                        ($b:expr, $c:expr, $int:expr) => {{
                            let (b, c): (*const Value, *const Value) = ($b, $c);
                            if (*b).tag & (*c).tag & tag::INTEGER != 0 {
                                let f: fn(i64, i64) -> i64 = $int;
                                set_int!(ra!(), f((*b).as_int(), (*c).as_int()));
                            } else {
                                break 'short;
                            }
                        }};
                    }
                    macro_rules! compare {
                        ($int:expr, $float:expr, $event:expr) => {{
                            let (a, b) = (ra!(), rb!());
                            let both = (*a).tag & (*b).tag;
                            let is = if both & tag::INTEGER != 0 {
                                let f: fn(&i64, &i64) -> bool = $int;
                                f(&(*a).as_int(), &(*b).as_int()) as u8
                            } else if both & tag::FLOAT != 0 {
                                let f: fn(&f64, &f64) -> bool = $float;
                                f(&(*a).as_float(), &(*b).as_float()) as u8
                            } else {
                                order_plainly(a, b, $event)
                            };
                            if is == OTHERWISE {
                                break 'short;
                            }
                            if is == fld_f!() {
                                jump_c!();
                            }
                        }};
                    }
                    // Comparison with an immediate.
                    macro_rules! compare_i {
                        ($int:expr, $float:expr) => {{
                            let a = ra!();
                            let imm = fld_b!() as u16 as i16 as i64;
                            let t = (*a).tag;
                            let is = if t == tag::INTEGER {
                                let f: fn(&i64, &i64) -> bool = $int;
                                f(&(*a).as_int(), &imm)
                            } else if t == tag::FLOAT {
                                let f: fn(&f64, &f64) -> bool = $float;
                                f(&(*a).as_float(), &(imm as f64))
                            } else {
                                break 'short;
                            };
                            if is as u8 == fld_f!() {
                                jump_c!();
                            }
                        }};
                    }
                    // A store into an existing entry, with the barrier.
                    macro_rules! store {
                        ($t:expr, $to:expr, $v:expr) => {{
                            let (t, v): (*mut Table, *const Value) = ($t, $v);
                            let to = $to;
                            let tag = (*v).tag;
                            (*to).payload = (*v).payload;
                            (*to).tag = tag;
                            if tag & tag::COLLECTABLE != 0
                                && (*t).gray.header.mark & mark::BLACK != 0
                            {
                                vm.heap.barrier_store(t, *v);
                            }
                        }};
                    }
                    macro_rules! load_node {
                        ($to:expr, $node:expr) => {{
                            let to: *mut Value = $to;
                            let node: *const Node = $node;
                            (*to).payload = (*node).payload;
                            (*to).tag = (*node).tag;
                        }};
                    }
                    macro_rules! get_name {
                        ($object:expr) => {{
                            let object: *const Value = $object;
                            if (*object).tag != tag::TABLE {
                                break 'short;
                            }
                            let t = (*object).as_table();
                            let node = name_node!(t, (*kc!()).as_str(), pc.cast::<u32>());
                            if !node.is_null() && (*node).tag != tag::NIL {
                                load_node!(ra!(), node);
                            } else if (*t).meta.is_null() {
                                set_plain!(ra!(), tag::NIL);
                            } else {
                                break 'short;
                            }
                            skip_cache!();
                        }};
                    }
                    macro_rules! get_at {
                        ($t:expr, $index:expr) => {{
                            let (t, index): (*mut Table, u64) = ($t, $index);
                            let at = index.wrapping_sub(1);
                            if at < (*t).len as u64 {
                                let slot = Table::slot(t, at as usize);
                                let tag = (*slot).tag;
                                if tag == tag::NIL && !(*t).meta.is_null() {
                                    break 'short;
                                }
                                let to = ra!();
                                (*to).payload = (*slot).payload;
                                (*to).tag = tag;
                                continue 'next;
                            }
                            let node = table::find_int_first(&vm.heap, t, index as i64);
                            if !node.is_null() && (*node).tag != tag::NIL {
                                load_node!(ra!(), node);
                            } else if (*t).meta.is_null() {
                                set_plain!(ra!(), tag::NIL);
                            } else {
                                break 'short;
                            }
                            continue 'next;
                        }};
                    }
                    // The `tfor_loop` that follows a `tfor_call`, without another turn.
                    macro_rules! tfor_go {
                        ($at:expr) => {{
                            let at: *mut Value = $at;
                            if *pc as u32 == Op::TForLoop as u32 | (fld_a!() as u32) << 16 {
                                let distance = *pc.cast::<i32>().add(1);
                                pc = pc.add(1);
                                if (*at.add(4)).tag != tag::NIL {
                                    assign!(at.add(2), at.add(4));
                                    pc = pc.offset(distance as isize);
                                    spend!();
                                }
                            }
                            continue 'next;
                        }};
                    }
                    macro_rules! set_name {
                        ($object:expr, $key:expr, $v:expr) => {{
                            let (object, v): (*const Value, *const Value) = ($object, $v);
                            if (*object).tag != tag::TABLE {
                                break 'short;
                            }
                            let t = (*object).as_table();
                            let key = (*$key).as_str();
                            let at = pc.cast::<u32>();
                            let h = *at;
                            let node = Table::hinted(t, h);
                            if h < (*t).node_bytes
                                && (*node).has_name(key)
                                && (*node).tag != tag::NIL
                            {
                                store!(t, node, v);
                            } else if !table::set_name(&mut vm.heap, t, key, v, at) {
                                break 'short;
                            }
                            skip_cache!();
                        }};
                    }
                    macro_rules! set_at {
                        ($object:expr, $index:expr, $v:expr) => {{
                            let (object, v): (*const Value, *const Value) = ($object, $v);
                            if (*object).tag != tag::TABLE {
                                break 'short;
                            }
                            let t = (*object).as_table();
                            let index: u64 = $index;
                            let at = index.wrapping_sub(1);
                            if at < (*t).len as u64 {
                                let slot = Table::slot(t, at as usize);
                                if (*slot).tag == tag::NIL && !(*t).meta.is_null() {
                                    break 'short;
                                }
                                store!(t, slot, v);
                            } else if at == (*t).len as u64
                                && at < (*t).cap as u64
                                && table::takes_new(t)
                                && (*t).gray.header.flags & table_flag::INT_KEYS == 0
                                && (*v).tag != tag::NIL
                            {
                                (*t).len += 1;
                                store!(t, Table::slot(t, at as usize), v);
                            } else {
                                let node = table::find_int(&vm.heap, t, index as i64);
                                if node.is_null() || (*node).tag == tag::NIL {
                                    break 'short;
                                }
                                store!(t, node, v);
                            }
                        }};
                    }
                    macro_rules! return_to_caller {
                        ($from:expr, $n:expr) => {{
                            let (from, n): (*mut Value, usize) = ($from, $n);
                            let (ret, wanted, flags) = ((*fr).ret, (*fr).n_results, (*fr).flags);
                            fr = fr.sub(1);
                            (*vm.th).frame = fr;
                            call::move_results(vm.th, from, n, ret, wanted);
                            if flags & frame_flag::SLOW_RETURN != 0 {
                                vm.slice = fuel;
                                match call::returned(vm, flags) {
                                    Ok(Flow::Run) => reload!(),
                                    Ok(Flow::Exit) => return Exit::Return,
                                    Err(_) => return Exit::Error,
                                }
                                continue 'next;
                            }
                            base = (*fr).base;
                            pc = (*fr).pc;
                            continue 'next;
                        }};
                    }

                    holds("an opcode", || (*i.cast::<u8>() as usize) < OPS.len());
                    // The opcode byte is one of OPS: the verifier has seen to it.
                    let op: Op = std::mem::transmute::<u8, Op>(*i.cast::<u8>());
                    match op {
                        // ---- loads ---------------------------------------------------------------------
                        Op::Move => assign!(ra!(), rb!()),
                        Op::LoadInt => set_int!(ra!(), fld_d!() as i64),
                        Op::LoadFloat => set_float!(ra!(), fld_d!() as f64),
                        Op::LoadK => {
                            assign!(ra!(), Frame::constant_number(fr, fld_d!() as u32 as usize))
                        }
                        Op::LoadFalse => set_plain!(ra!(), tag::FALSE),
                        Op::LoadFalseSkip => {
                            set_plain!(ra!(), tag::FALSE);
                            pc = pc.add(1);
                        }
                        Op::LoadTrue => set_plain!(ra!(), tag::TRUE),
                        Op::LoadNil => {
                            let mut to = window!(fld_b!());
                            for _ in 0..fld_b!() {
                                set_plain!(to, tag::NIL);
                                to = to.add(1);
                            }
                        }

                        // ---- upvalues ------------------------------------------------------------------
                        Op::GetUpval => {
                            let upval = *Closure::upval((*fr).closure, fld_b!());
                            assign!(ra!(), (*upval).v);
                        }
                        Op::SetUpval => {
                            let upval = *Closure::upval((*fr).closure, fld_b!());
                            let v = ra!();
                            assign!((*upval).v, v);
                            if (*upval).header.mark & mark::BLACK != 0 {
                                vm.heap.barrier_forward(upval.cast(), *v);
                            }
                        }
                        Op::GetUpField => {
                            let object = (**Closure::upval((*fr).closure, fld_b!())).v;
                            get_name!(object)
                        }
                        Op::SetUpField => {
                            set_name!((**Closure::upval((*fr).closure, fld_a!())).v, kb!(), rc!())
                        }
                        Op::SetUpFieldK => {
                            set_name!((**Closure::upval((*fr).closure, fld_a!())).v, kb!(), kc!())
                        }

                        // ---- tables --------------------------------------------------------------------
                        Op::GetIndex => {
                            let (object, key) = (rb!(), rc!());
                            if (*object).tag != tag::TABLE {
                                break 'short;
                            }
                            let t = (*object).as_table();
                            if (*key).tag == tag::INTEGER {
                                get_at!(t, (*key).payload)
                            }
                            if (*key).tag != tag::STRING {
                                break 'short;
                            }
                            let node = table::find_short(t, (*key).as_str());
                            if node.is_null() || (*node).tag == tag::NIL {
                                break 'short;
                            }
                            load_node!(ra!(), node);
                        }
                        Op::GetInt => {
                            let object = rb!();
                            if (*object).tag != tag::TABLE {
                                break 'short;
                            }
                            get_at!((*object).as_table(), fld_c!() as u64)
                        }
                        Op::GetField => get_name!(rb!()),
                        Op::SetIndex => {
                            let (object, key) = (ra!(), rb!());
                            if (*key).tag == tag::INTEGER {
                                set_at!(object, (*key).payload, rc!());
                                continue 'next;
                            }
                            if (*object).tag != tag::TABLE || (*key).tag != tag::STRING {
                                break 'short;
                            }
                            let t = (*object).as_table();
                            let node = table::find_short(t, (*key).as_str());
                            if node.is_null() || (*node).tag == tag::NIL {
                                break 'short;
                            }
                            store!(t, node, rc!());
                        }
                        Op::SetIndexK => {
                            let key = rb!();
                            if (*key).tag != tag::INTEGER {
                                break 'short;
                            }
                            set_at!(ra!(), (*key).payload, kc!())
                        }
                        Op::SetInt => set_at!(ra!(), fld_b!() as u64, rc!()),
                        Op::SetIntK => set_at!(ra!(), fld_b!() as u64, kc!()),
                        Op::SetField => set_name!(ra!(), kb!(), rc!()),
                        Op::SetFieldK => set_name!(ra!(), kb!(), kc!()),
                        Op::SelfField => {
                            let object = rb!();
                            let key = (*kc!()).as_str();
                            let mut meta: *mut Table = std::ptr::null_mut();
                            let mut node: *mut Node = std::ptr::null_mut();
                            if (*object).tag == tag::TABLE {
                                let t = (*object).as_table();
                                node = table::find_name_first(t, key);
                                meta = (*t).meta;
                            } else if (*object).tag == tag::STRING {
                                meta = vm.type_meta[crate::meta::Type::String as usize];
                            }
                            if node.is_null() || (*node).tag == tag::NIL {
                                if meta.is_null() {
                                    break 'short;
                                }
                                // The class: `__index` of the metatable, by the first hint.
                                let name = vm.events[Event::Index as usize];
                                node = name_node!(meta, name, pc.cast::<u32>());
                                if node.is_null() || (*node).tag != tag::TABLE {
                                    break 'short;
                                }
                                // The method in it, by the second hint.
                                let class = (*node).value().as_table();
                                node = name_node!(class, key, pc.cast::<u32>().add(1));
                                if node.is_null() || (*node).tag == tag::NIL {
                                    break 'short;
                                }
                            }
                            let to = window!(2);
                            assign!(to.add(1), object);
                            load_node!(to, node);
                            skip_cache!();
                        }
                        Op::NewTable => {
                            let at = ra!();
                            (*vm.th).top = at;
                            check!(new_table(vm, fld_b!() as u32, fld_c!() as u32, fld_a!()));
                        }
                        Op::SetList => {
                            let at = window!(fld_b!() + 1);
                            let mut n = fld_b!();
                            let start = *pc as u32;
                            skip_cache!();
                            if n == 0 {
                                n = (*vm.th).top.offset_from(at) as usize - 1;
                            }
                            (*vm.th).top = at.add(n + 1);
                            check!(set_list(vm, at, n, start));
                        }

                        // ---- arithmetic ----------------------------------------------------------------
                        Op::Add => arith!(rb!(), rc!(), |x, y| x.wrapping_add(y), |x, y| x + y),
                        Op::Sub => arith!(rb!(), rc!(), |x, y| x.wrapping_sub(y), |x, y| x - y),
                        Op::Mul => arith!(rb!(), rc!(), |x, y| x.wrapping_mul(y), |x, y| x * y),
                        Op::Mod => divide!(rb!(), rc!(), modulo_of_u32, modulo, float_mod),
                        Op::Pow => float_only!(rb!(), rc!(), float_pow),
                        Op::Div => float_only!(rb!(), rc!(), |x, y| x / y),
                        Op::IDiv => {
                            divide!(rb!(), rc!(), quotient_of_u32, floor_div, float_floor_div)
                        }
                        Op::BAnd => bitwise!(rb!(), rc!(), |x, y| x & y),
                        Op::BOr => bitwise!(rb!(), rc!(), |x, y| x | y),
                        Op::BXor => bitwise!(rb!(), rc!(), |x, y| x ^ y),
                        Op::Shl => bitwise!(rb!(), rc!(), shift_left),
                        Op::Shr => bitwise!(rb!(), rc!(), shift_right),
                        Op::AddI => arith_i!(|x, y| x.wrapping_add(y), |x, y| x + y),
                        Op::SubI => arith_i!(|x, y| x.wrapping_sub(y), |x, y| x - y),
                        Op::MulI => arith_i!(|x, y| x.wrapping_mul(y), |x, y| x * y),
                        Op::ModI => divide_i!(modulo_of_u32, modulo, float_mod),
                        Op::IDivI => divide_i!(quotient_of_u32, floor_div, float_floor_div),
                        Op::ShlI => shift_i!(shift_left),
                        Op::ShrI => shift_i!(shift_right),
                        Op::AddK => arith!(rb!(), kc!(), |x, y| x.wrapping_add(y), |x, y| x + y),
                        Op::SubK => arith!(rb!(), kc!(), |x, y| x.wrapping_sub(y), |x, y| x - y),
                        Op::MulK => arith!(rb!(), kc!(), |x, y| x.wrapping_mul(y), |x, y| x * y),
                        Op::ModK => divide!(rb!(), kc!(), modulo_of_u32, modulo, float_mod),
                        Op::PowK => float_only!(rb!(), kc!(), float_pow),
                        Op::DivK => float_only!(rb!(), kc!(), |x, y| x / y),
                        Op::IDivK => {
                            divide!(rb!(), kc!(), quotient_of_u32, floor_div, float_floor_div)
                        }
                        Op::BAndK => bitwise!(rb!(), kc!(), |x, y| x & y),
                        Op::BOrK => bitwise!(rb!(), kc!(), |x, y| x | y),
                        Op::BXorK => bitwise!(rb!(), kc!(), |x, y| x ^ y),
                        Op::SubKR => arith!(kb!(), rc!(), |x, y| x.wrapping_sub(y), |x, y| x - y),
                        Op::DivKR => float_only!(kb!(), rc!(), |x, y| x / y),
                        Op::Unm => {
                            let b = rb!();
                            if (*b).tag == tag::INTEGER {
                                set_int!(ra!(), (*b).as_int().wrapping_neg());
                            } else if (*b).tag == tag::FLOAT {
                                set_float!(ra!(), -(*b).as_float());
                            } else {
                                break 'short;
                            }
                        }
                        Op::BNot => {
                            let b = rb!();
                            if (*b).tag != tag::INTEGER {
                                break 'short;
                            }
                            set_int!(ra!(), !(*b).as_int());
                        }
                        Op::Not => {
                            let is = (*rb!()).tag <= tag::FALSE;
                            set_plain!(ra!(), tag::FALSE + is as u32);
                        }
                        Op::Len => {
                            let b = rb!();
                            if (*b).tag == tag::TABLE {
                                let t = (*b).as_table();
                                let meta = (*t).meta;
                                if !meta.is_null() && (*meta).absent & 1 << Event::Len as u32 == 0 {
                                    break 'short;
                                }
                                set_int!(ra!(), table::border(t));
                            } else if (*b).tag == tag::STRING {
                                set_int!(ra!(), (*(*b).as_str()).len as i64);
                            } else {
                                break 'short;
                            }
                        }
                        Op::Concat => slow!(meta_call::concat(vm, window!(fld_b!()), fld_b!())),

                        // ---- scopes --------------------------------------------------------------------
                        Op::Close => {
                            let level = ra!();
                            if (*vm.th).open.is_null() && (*vm.th).n_tbc == 0 {
                                continue 'next;
                            }
                            thread::close_upvals(&mut vm.heap, vm.th, level);
                            if (*vm.th).n_tbc != 0
                                && let Some(slot) = unwind::pop_tbc(vm.th, level)
                            {
                                // Runs once more after the call of the `__close` method.
                                slow!(close_variable(vm, slot))
                            }
                        }
                        Op::Tbc => {
                            let slot = ra!();
                            check!(mark_tbc(vm, slot));
                        }

                        // ---- jumps ---------------------------------------------------------------------
                        Op::Jump => pc = pc.offset(fld_d!() as isize),
                        Op::LoopBack => {
                            pc = pc.offset(fld_d!() as isize);
                            spend!();
                        }
                        Op::Test => {
                            if !(*ra!()).is_falsy() as u8 == fld_f!() {
                                pc = pc.offset(fld_d!() as isize);
                            }
                        }
                        Op::TestSet => {
                            let b = rb!();
                            if !(*b).is_falsy() as u8 == fld_f!() {
                                assign!(ra!(), b);
                                jump_c!();
                            }
                        }
                        Op::Eq => {
                            let (a, b) = (ra!(), rb!());
                            let (ta, tb) = ((*a).tag, (*b).tag);
                            let is = if ta == tb && (*a).payload == (*b).payload && ta != tag::FLOAT
                            {
                                1
                            } else if ta == tag::INTEGER && tb == tag::INTEGER
                                || ta != tb && (ta & tag::NUMBER == 0 || tb & tag::NUMBER == 0)
                                || ta == tag::STRING && Str::is_short((*a).as_str())
                            {
                                0
                            } else {
                                equal_plainly(a, b)
                            };
                            if is == OTHERWISE {
                                break 'short;
                            }
                            if is == fld_f!() {
                                jump_c!();
                            }
                        }
                        Op::Lt => compare!(i64::lt, f64::lt, Event::Lt),
                        Op::Le => compare!(i64::le, f64::le, Event::Le),
                        Op::EqK => {
                            let (a, b) = (ra!(), kb!());
                            let (ta, tb) = ((*a).tag, (*b).tag);
                            let is = if ta == tb && (*a).payload == (*b).payload {
                                // A constant is never NaN.
                                true
                            } else if ta != tb && (ta & tag::NUMBER == 0 || tb & tag::NUMBER == 0)
                                || ta == tag::STRING && Str::is_short((*a).as_str())
                            {
                                false
                            } else if ta == tag::STRING {
                                // Two long strings: the comparison is charged for.
                                break 'short;
                            } else {
                                convert::raw_equal(*a, *b)
                            };
                            if is as u8 == fld_f!() {
                                jump_c!();
                            }
                        }
                        Op::EqI => {
                            let a = ra!();
                            let imm = fld_b!() as u16 as i16 as i64;
                            let t = (*a).tag;
                            let is = if t == tag::INTEGER {
                                (*a).as_int() == imm
                            } else {
                                t == tag::FLOAT && (*a).as_float() == imm as f64
                            };
                            if is as u8 == fld_f!() {
                                jump_c!();
                            }
                        }
                        Op::LtI => compare_i!(i64::lt, f64::lt),
                        Op::LeI => compare_i!(i64::le, f64::le),
                        Op::GtI => compare_i!(i64::gt, f64::gt),
                        Op::GeI => compare_i!(i64::ge, f64::ge),

                        // ---- loops ---------------------------------------------------------------------
                        Op::ForPrep => {
                            let at = window!(4);
                            if check!(for_prep(vm, at)) {
                                pc = pc.offset(fld_d!() as isize);
                            }
                        }
                        Op::ForLoop => {
                            let at = window!(4);
                            // The body may have overwritten any of them (`debug.setlocal`): the count is counted down in
                            // place, so it has to be one.
                            if (*at).tag & (*at.add(1)).tag & tag::INTEGER != 0 {
                                let count = (*at.add(1)).payload;
                                if count > 0 {
                                    (*at.add(1)).payload = count - 1;
                                    let index = (*at).payload.wrapping_add((*at.add(2)).payload);
                                    (*at).payload = index;
                                    set_int!(at.add(3), index);
                                    pc = pc.offset(fld_d!() as isize);
                                    spend!();
                                }
                            } else if (*at).tag == tag::FLOAT {
                                let step = (*at.add(2)).as_float();
                                let index = (*at).as_float() + step;
                                let limit = (*at.add(1)).as_float();
                                if if step > 0.0 {
                                    index <= limit
                                } else {
                                    limit <= index
                                } {
                                    set_float!(at, index);
                                    set_float!(at.add(3), index);
                                    pc = pc.offset(fld_d!() as isize);
                                    spend!();
                                }
                            }
                        }
                        Op::TForPrep => {
                            let at = window!(4);
                            let slot = at.add(3);
                            // No position yet (see `next_entry`).
                            *value::padding(at.add(2)) = 0;
                            check!(mark_tbc(vm, slot));
                            pc = pc.offset(fld_d!() as isize);
                        }
                        Op::TForCall => {
                            let at = window!(7);
                            let state = at.add(1);
                            if (*at).tag == tag::NATIVE
                                && (*state).tag == tag::TABLE
                                && fld_c!() <= 2
                            {
                                // `next` and the iterator of `ipairs` over a plain table need no call.
                                let t = (*state).as_table();
                                let control = at.add(2);
                                if (*at).payload == vm.next_payload {
                                    if next_entry(t, control) {
                                        tfor_go!(at)
                                    }
                                } else if (*at).payload == vm.ipairs_payload
                                    && (*control).tag == tag::INTEGER
                                {
                                    let n = (*control).payload;
                                    if n < (*t).len as u64 {
                                        let slot = Table::slot(t, n as usize);
                                        if (*slot).tag != tag::NIL {
                                            set_int!(at.add(4), n + 1);
                                            assign!(at.add(5), slot);
                                            tfor_go!(at)
                                        }
                                    }
                                }
                            }
                            let func = at.add(4);
                            assign!(func, at);
                            assign!(func.add(1), state);
                            assign!(func.add(2), at.add(2));
                            spend_call!();
                            break 'called (func, 2, fld_c!() as i16);
                        }
                        Op::TForLoop => {
                            let at = window!(5);
                            if (*at.add(4)).tag != tag::NIL {
                                assign!(at.add(2), at.add(4));
                                pc = pc.offset(fld_d!() as isize);
                                spend!();
                            }
                        }

                        // ---- functions -----------------------------------------------------------------
                        Op::Call => {
                            let func = window!(fld_b!().max(fld_c!().saturating_sub(1)).max(1));
                            let b = fld_b!();
                            let n_args = if b != 0 {
                                b - 1
                            } else {
                                (*vm.th).top.offset_from(func) as usize - 1
                            };
                            let n_results = fld_c!() as i16 - 1;
                            spend_call!();
                            if (*func).tag == tag::CLOSURE {
                                (*fr).pc = pc;
                                let closure = (*func).as_closure();
                                let proto = (*closure).proto;
                                let callee = func.add(1);
                                let next = fr.add(1);
                                let max_stack = (*proto).max_stack as usize;
                                if callee.wrapping_add(n_args + max_stack + 1) > (*vm.th).stack_end
                                    || next >= (*vm.th).frames_end
                                {
                                    slow!(call::call_value(vm, func, n_args, n_results, 0))
                                }
                                for j in n_args..(*proto).n_params as usize {
                                    set_plain!(callee.add(j), tag::NIL);
                                }
                                (*next).closure = closure;
                                pc = (*proto).code;
                                (*next).pc = pc;
                                (*next).k = (*proto).k;
                                (*next).base = callee;
                                (*next).ret = func;
                                (*next).n_args = n_args as u32;
                                (*next).n_results = n_results;
                                (*next).flags = 0;
                                fr = next;
                                (*vm.th).frame = next;
                                base = callee;
                                continue 'next;
                            }
                            if (*func).tag == tag::NATIVE
                                && n_results as u16 <= 1
                                && let Some(known) = vm.fast.find((*func).payload)
                                && fast::call(vm, known, func, n_args, n_results)
                            {
                                continue 'next;
                            }
                            break 'called (func, n_args, n_results);
                        }
                        Op::TailCall => {
                            let func = window!(fld_b!().max(1));
                            let b = fld_b!();
                            let n_args = if b != 0 {
                                b - 1
                            } else {
                                (*vm.th).top.offset_from(func) as usize - 1
                            };
                            if fld_f!() != 0 {
                                thread::close_upvals(&mut vm.heap, vm.th, base);
                            }
                            spend_call!();
                            if (*func).tag == tag::CLOSURE {
                                let closure = (*func).as_closure();
                                let proto = (*closure).proto;
                                let ret = call::function_slot(fr);
                                let callee = ret.add(1);
                                if callee.wrapping_add(n_args + (*proto).max_stack as usize + 1)
                                    <= (*vm.th).stack_end
                                {
                                    for j in 0..=n_args {
                                        assign!(ret.add(j), func.add(j));
                                    }
                                    for j in n_args..(*proto).n_params as usize {
                                        set_plain!(callee.add(j), tag::NIL);
                                    }
                                    (*fr).closure = closure;
                                    pc = (*proto).code;
                                    (*fr).pc = pc;
                                    (*fr).k = (*proto).k;
                                    (*fr).base = callee;
                                    (*fr).n_args = n_args as u32;
                                    (*fr).flags =
                                        (*fr).flags & frame_flag::SLOW_RETURN | frame_flag::TAIL;
                                    base = callee;
                                    continue 'next;
                                }
                            }
                            if (*func).tag == tag::NATIVE
                                && let Some(known) = vm.fast.find((*func).payload)
                                && fast::call(vm, known, func, n_args, fast::ALL)
                            {
                                // The `return` that follows takes the result.
                                (*vm.th).top = func.add(1);
                                continue 'next;
                            }
                            if matches!((*func).tag, tag::NATIVE | tag::NATIVE_CLOSURE) {
                                // Natives gain nothing from a tail call: an ordinary one, whose results the `return` that
                                // follows takes.
                                break 'called (func, n_args, -1);
                            }
                            (*vm.th).top = func.add(n_args + 1);
                            slow!(tail_call(vm, func, n_args))
                        }
                        Op::Return => {
                            let at = window!(fld_b!().saturating_sub(1));
                            let b = fld_b!();
                            let mut n = if b != 0 {
                                b - 1
                            } else {
                                (*vm.th).top.offset_from(at) as usize
                            };
                            if fld_f!() != 0 {
                                if (*fr).flags & frame_flag::RETURNING != 0 {
                                    n = (*fr).aux as usize;
                                }
                                thread::close_upvals(&mut vm.heap, vm.th, base);
                                if (*vm.th).n_tbc != 0
                                    && let Some(slot) = unwind::pop_tbc(vm.th, base)
                                {
                                    // Run once more after the call of the `__close` method.
                                    (*fr).aux = n as u32;
                                    (*fr).flags |= frame_flag::RETURNING;
                                    (*vm.th).top = at.add(n);
                                    slow!(close_variable(vm, slot))
                                }
                            }
                            return_to_caller!(at, n)
                        }
                        Op::Return0 => return_to_caller!(base, 0),
                        Op::Return1 => {
                            let from = ra!();
                            if (*fr).n_results == 1 && (*fr).flags & frame_flag::SLOW_RETURN == 0 {
                                assign!((*fr).ret, from);
                                fr = fr.sub(1);
                                (*vm.th).frame = fr;
                                base = (*fr).base;
                                pc = (*fr).pc;
                                continue 'next;
                            }
                            return_to_caller!(from, 1)
                        }
                        Op::Closure => {
                            let at = ra!();
                            (*vm.th).top = at;
                            let proto = Proto::inner((*(*fr).closure).proto, fld_d!() as usize);
                            check!(new_closure(vm, proto, fld_a!()));
                        }
                        Op::Vararg => {
                            let at = window!(fld_c!().saturating_sub(1));
                            let extra = (*fr).n_args as usize;
                            let c = fld_c!();
                            let wanted = if c == 0 { extra } else { c - 1 };
                            let mut at = at;
                            if c == 0 {
                                if at.wrapping_add(extra + 2) > (*vm.th).stack_end {
                                    let offset = fld_a!();
                                    check!(call::ensure_stack(vm, at, extra + 2));
                                    at = base.byte_add(offset);
                                }
                                (*vm.th).top = at.add(extra);
                            }
                            let from = base.sub(1 + extra);
                            let n = wanted.min(extra);
                            for j in 0..n {
                                assign!(at.add(j), from.add(j));
                            }
                            for j in n..wanted {
                                set_plain!(at.add(j), tag::NIL);
                            }
                        }
                        Op::VarargPrep => {
                            if (*fr).n_args as usize <= fld_b!() {
                                (*fr).n_args = 0;
                                continue 'next;
                            }
                            let n_params = fld_b!();
                            let n_args = (*fr).n_args as usize;
                            let new_func = base.add(n_args);
                            let max_stack = (*(*(*fr).closure).proto).max_stack as usize;
                            if new_func.wrapping_add(max_stack + 2) <= (*vm.th).stack_end {
                                assign!(new_func, base.sub(1));
                                for j in 0..n_params {
                                    assign!(new_func.add(1 + j), base.add(j));
                                    set_plain!(base.add(j), tag::NIL);
                                }
                                (*fr).n_args = (n_args - n_params) as u32;
                                base = new_func.add(1);
                                (*fr).base = base;
                                continue 'next;
                            }
                            check!(vararg_prep(vm, fld_b!()));
                        }
                    }
                    continue 'next;
                }
                // No short way: the instruction in its general form.
                slow!(general::perform(vm))
            };
            // A native is called right from here, whatever calls it: so little lies on the native stack between two loops.
            (*vm.th).top = func.add(n_args + 1);
            save!();
            if matches!((*func).tag, tag::NATIVE | tag::NATIVE_CLOSURE) {
                match call::call_native::<true>(vm, func, n_args, n_results, 0) {
                    Ok(outcome) => {
                        if let Some(n) = outcome.plain_results() {
                            let th = vm.th;
                            let frame = (*th).frame;
                            let ret = (*frame).ret;
                            fr = frame.sub(1);
                            (*th).frame = fr;
                            let n = n as usize;
                            let from = (*th).top.sub(n);
                            call::move_results(th, from, n, ret, n_results);
                            base = (*fr).base;
                            fuel = vm.slice;
                            continue 'next;
                        }
                        saved!(call::settle(vm, outcome))
                    }
                    Err(_) => return Exit::Error,
                }
            }
            saved!(call::call_object(vm, func, n_args, n_results))
        }
    }
}

#[cfg(test)]
mod tests;
