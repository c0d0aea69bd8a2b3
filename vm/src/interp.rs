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
pub(crate) mod fast;
pub(crate) mod hook;
pub(crate) mod meta_call;
mod ops;
pub(crate) mod unwind;

use crate::Vm;
use crate::convert;
use crate::heap::object::*;
use crate::isa::Op;
use crate::meta::Event;
use crate::native::Thrown;
use crate::number::*;
use crate::table;
use crate::thread::{self, frame_flag};
use crate::value::{Value, tag};
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

/// Runs the Lua frame on top until the entry frame of this run returns.
pub(crate) unsafe fn execute(vm: &mut Vm) -> Result<(), Thrown> {
    // SAFETY: a Lua frame is on top of the running thread.
    unsafe {
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

/// An error before the loop was even entered (a native called directly): unwinds, then runs what is to run.
pub(crate) unsafe fn recover(vm: &mut Vm, thrown: Thrown) -> Result<(), Thrown> {
    let _ = thrown;
    // SAFETY: as `execute`.
    unsafe {
        match unwind::unwind(vm)? {
            Flow::Run => execute(vm),
            Flow::Exit => Ok(()),
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
        // A slow path that answers with a flow.
        macro_rules! slow {
            ($e:expr) => {{
                save!();
                match $e {
                    Ok(Flow::Run) => reload!(),
                    Ok(Flow::Exit) => return Exit::Return,
                    Err(_) => return Exit::Error,
                }
                continue;
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

        loop {
            let i = pc;
            pc = pc.add(1);
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
                    base.byte_add(fld_a!())
                };
            }
            macro_rules! rb {
                () => {
                    base.byte_add(fld_b!())
                };
            }
            macro_rules! rc {
                () => {
                    base.byte_add(fld_c!())
                };
            }
            macro_rules! kb {
                () => {
                    (*fr).k.byte_add(fld_b!())
                };
            }
            macro_rules! kc {
                () => {
                    (*fr).k.byte_add(fld_c!())
                };
            }
            macro_rules! set_int {
                ($to:expr, $i:expr) => {{
                    let to: *mut Value = $to;
                    (*to).payload = $i as u64;
                    (*to).tag = tag::INTEGER;
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
            macro_rules! hint {
                () => {
                    *pc.cast::<u32>()
                };
            }
            // Node of an interned name, by the hint or by a walk; null if there is none.
            macro_rules! name_node {
                ($t:expr, $key:expr) => {{
                    let t: *mut Table = $t;
                    let h = hint!();
                    let node = (*t).nodes.byte_add(h as usize);
                    if h < (*t).node_bytes && (*node).has_name($key) {
                        node
                    } else {
                        let node = table::find_name(t, $key);
                        if !node.is_null() {
                            hint!() = (node as usize - (*t).nodes as usize) as u32;
                        }
                        node
                    }
                }};
            }
            // Arithmetic with an integer and a float form.
            macro_rules! arith {
                ($b:expr, $c:expr, $int:expr, $float:expr, $event:expr) => {{
                    let (b, c): (*const Value, *const Value) = ($b, $c);
                    let (tb, tc) = ((*b).tag, (*c).tag);
                    if tb & tc & tag::INTEGER != 0 {
                        let f: fn(i64, i64) -> i64 = $int;
                        let v = f((*b).as_int(), (*c).as_int());
                        set_int!(ra!(), v);
                        continue;
                    }
                    if tb & tag::NUMBER != 0 && tc & tag::NUMBER != 0 {
                        let f: fn(f64, f64) -> f64 = $float;
                        let v = f((*b).number_as_float(), (*c).number_as_float());
                        set_float!(ra!(), v);
                        continue;
                    }
                    slow!(meta_call::arith(vm, $event, *b, *c, ra!()))
                }};
            }
            // The same with an immediate integer operand; F says that it stood on the left.
            macro_rules! arith_i {
                ($int:expr, $float:expr, $event:expr) => {{
                    let b = rb!();
                    let imm = fld_c!() as u16 as i16 as i64;
                    if (*b).tag == tag::INTEGER {
                        let f: fn(i64, i64) -> i64 = $int;
                        let v = f((*b).as_int(), imm);
                        set_int!(ra!(), v);
                        continue;
                    }
                    if (*b).tag == tag::FLOAT {
                        let f: fn(f64, f64) -> f64 = $float;
                        let v = f((*b).as_float(), imm as f64);
                        set_float!(ra!(), v);
                        continue;
                    }
                    let (x, y) = (*b, Value::int(imm));
                    if fld_f!() != 0 {
                        slow!(meta_call::arith(vm, $event, y, x, ra!()))
                    }
                    slow!(meta_call::arith(vm, $event, x, y, ra!()))
                }};
            }
            macro_rules! arith_k {
                ($int:expr, $float:expr, $event:expr) => {{
                    if fld_f!() != 0 && !((*rb!()).is_number()) {
                        let (x, y) = (*rb!(), *kc!());
                        slow!(meta_call::arith(vm, $event, y, x, ra!()))
                    }
                    arith!(rb!(), kc!(), $int, $float, $event)
                }};
            }
            // Division and power: floats only.
            macro_rules! arith_f {
                ($b:expr, $c:expr, $float:expr, $event:expr) => {{
                    let (b, c): (*const Value, *const Value) = ($b, $c);
                    if (*b).tag & tag::NUMBER != 0 && (*c).tag & tag::NUMBER != 0 {
                        let f: fn(f64, f64) -> f64 = $float;
                        let v = f((*b).number_as_float(), (*c).number_as_float());
                        set_float!(ra!(), v);
                        continue;
                    }
                    slow!(meta_call::arith(vm, $event, *b, *c, ra!()))
                }};
            }
            // Modulo and floor division: a zero divisor is an error of integers.
            macro_rules! divide {
                ($b:expr, $c:expr, $int:expr, $float:expr, $event:expr) => {{
                    let (b, c): (*const Value, *const Value) = ($b, $c);
                    let (tb, tc) = ((*b).tag, (*c).tag);
                    if tb & tc & tag::INTEGER != 0 && (*c).payload != 0 {
                        let v = $int((*b).as_int(), (*c).as_int());
                        set_int!(ra!(), v);
                        continue;
                    }
                    if tb & tc & tag::FLOAT != 0 {
                        let v = $float((*b).as_float(), (*c).as_float());
                        set_float!(ra!(), v);
                        continue;
                    }
                    slow!(meta_call::arith(vm, $event, *b, *c, ra!()))
                }};
            }
            macro_rules! bitwise {
                ($b:expr, $c:expr, $int:expr, $event:expr) => {{
                    let (b, c): (*const Value, *const Value) = ($b, $c);
                    if (*b).tag & (*c).tag & tag::INTEGER != 0 {
                        let f: fn(i64, i64) -> i64 = $int;
                        let v = f((*b).as_int(), (*c).as_int());
                        set_int!(ra!(), v);
                        continue;
                    }
                    if fld_f!() != 0 {
                        slow!(meta_call::arith(vm, $event, *c, *b, ra!()))
                    }
                    slow!(meta_call::arith(vm, $event, *b, *c, ra!()))
                }};
            }
            macro_rules! compare {
                ($int:expr, $float:expr, $event:expr) => {{
                    let (a, b) = (ra!(), rb!());
                    let (ta, tb) = ((*a).tag, (*b).tag);
                    let is = if ta & tb & tag::INTEGER != 0 {
                        let f: fn(&i64, &i64) -> bool = $int;
                        f(&(*a).as_int(), &(*b).as_int())
                    } else if ta & tb & tag::FLOAT != 0 {
                        let f: fn(&f64, &f64) -> bool = $float;
                        f(&(*a).as_float(), &(*b).as_float())
                    } else {
                        slow!(meta_call::compare(vm, $event, *a, *b))
                    };
                    if is == (fld_f!() != 0) {
                        jump_c!();
                    }
                }};
            }
            // Comparison with an immediate: `swap` says that the metamethod sees the operands exchanged.
            macro_rules! compare_i {
                ($int:expr, $float:expr, $event:expr, $swap:expr) => {{
                    let a = ra!();
                    let imm = fld_b!() as u16 as i16 as i64;
                    let is = if (*a).tag == tag::INTEGER {
                        let f: fn(&i64, &i64) -> bool = $int;
                        f(&(*a).as_int(), &imm)
                    } else if (*a).tag == tag::FLOAT {
                        let f: fn(&f64, &f64) -> bool = $float;
                        f(&(*a).as_float(), &(imm as f64))
                    } else if $swap {
                        slow!(meta_call::compare(vm, $event, Value::int(imm), *a))
                    } else {
                        slow!(meta_call::compare(vm, $event, *a, Value::int(imm)))
                    };
                    if is == (fld_f!() != 0) {
                        jump_c!();
                    }
                }};
            }
            // A store into an existing entry, with the barrier.
            macro_rules! store_node {
                ($t:expr, $node:expr, $v:expr) => {{
                    let (t, v): (*mut Table, Value) = ($t, $v);
                    (*$node).set_value(v);
                    if (*t).gray.header.mark & mark::BLACK != 0 && v.is_collectable() {
                        vm.heap.barrier_back(t.cast());
                    }
                }};
            }
            macro_rules! store_slot {
                ($t:expr, $slot:expr, $v:expr) => {{
                    let (t, v): (*mut Table, Value) = ($t, $v);
                    *$slot = v;
                    if (*t).gray.header.mark & mark::BLACK != 0 && v.is_collectable() {
                        vm.heap.barrier_back(t.cast());
                    }
                }};
            }
            macro_rules! set_name {
                ($object:expr, $key:expr, $v:expr) => {{
                    let (object, key, v): (Value, Value, Value) = ($object, $key, $v);
                    if object.is_table() {
                        let t = object.as_table();
                        let node = name_node!(t, key.as_str());
                        if node.is_null() {
                            // A new field whose main position was never used: no chain changes.
                            let at = table::node_at(t, (*key.as_str()).header.id);
                            if (*at).key_tag == tag::NIL
                                && (*t).meta.is_null()
                                && (*t).nodes != vm.heap.dummy
                                && !v.is_nil()
                            {
                                (*t).absent = 0;
                                (*at).key_payload = key.payload;
                                (*at).key_tag = tag::STRING;
                                (*at).kstr = key.payload as u32;
                                (*at).set_value(v);
                                hint!() = (at as usize - (*t).nodes as usize) as u32;
                                if (*t).gray.header.mark & mark::BLACK != 0 {
                                    vm.heap.barrier_back(t.cast());
                                }
                                skip_cache!();
                                continue;
                            }
                        } else if (*node).tag != tag::NIL {
                            store_node!(t, node, v);
                            skip_cache!();
                            continue;
                        }
                    }
                    slow!(meta_call::set(vm, object, key, v))
                }};
            }
            macro_rules! set_at {
                ($object:expr, $index:expr, $v:expr) => {{
                    let (object, index, v): (Value, i64, Value) = ($object, $index, $v);
                    if object.is_table() {
                        let t = object.as_table();
                        let at = (index as u64).wrapping_sub(1);
                        if at < (*t).len as u64 {
                            let slot = (*t).array.add(at as usize);
                            if !(*slot).is_nil() || (*t).meta.is_null() {
                                store_slot!(t, slot, v);
                                continue;
                            }
                        } else if at == (*t).len as u64
                            && at < (*t).cap as u64
                            && (*t).meta.is_null()
                            && (*t).gray.header.flags & table_flag::INT_KEYS == 0
                            && !v.is_nil()
                        {
                            (*t).len += 1;
                            store_slot!(t, (*t).array.add(at as usize), v);
                            continue;
                        } else {
                            let node = table::find_int(&vm.heap, t, index);
                            if !node.is_null() && (*node).tag != tag::NIL {
                                store_node!(t, node, v);
                                continue;
                            }
                        }
                    }
                    slow!(meta_call::set(vm, object, Value::int(index), v))
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
                        continue;
                    }
                    base = (*fr).base;
                    pc = (*fr).pc;
                    continue;
                }};
            }

            // The opcode byte is one of OPS: the verifier has seen to it.
            let op: Op = std::mem::transmute::<u8, Op>(*i.cast::<u8>());
            match op {
                // ---- loads ---------------------------------------------------------------------
                Op::Move => *ra!() = *rb!(),
                Op::LoadInt => set_int!(ra!(), fld_d!() as i64),
                Op::LoadFloat => set_float!(ra!(), fld_d!() as f64),
                Op::LoadK => *ra!() = *(*fr).k.add(fld_d!() as u32 as usize),
                Op::LoadFalse => *ra!() = Value::FALSE,
                Op::LoadFalseSkip => {
                    *ra!() = Value::FALSE;
                    pc = pc.add(1);
                }
                Op::LoadTrue => *ra!() = Value::TRUE,
                Op::LoadNil => {
                    let mut to = ra!();
                    for _ in 0..fld_b!() {
                        *to = Value::NIL;
                        to = to.add(1);
                    }
                }

                // ---- upvalues ------------------------------------------------------------------
                Op::GetUpval => {
                    let upval = *Closure::upval((*fr).closure, fld_b!());
                    *ra!() = *(*upval).v;
                }
                Op::SetUpval => {
                    let upval = *Closure::upval((*fr).closure, fld_b!());
                    let v = *ra!();
                    *(*upval).v = v;
                    if (*upval).header.mark & mark::BLACK != 0 {
                        vm.heap.barrier_forward(upval.cast(), v);
                    }
                }
                Op::GetUpField => {
                    let object = *(**Closure::upval((*fr).closure, fld_b!())).v;
                    let key = *kc!();
                    if object.is_table() {
                        let t = object.as_table();
                        let node = name_node!(t, key.as_str());
                        if !node.is_null() && (*node).tag != tag::NIL {
                            *ra!() = (*node).value();
                            skip_cache!();
                            continue;
                        }
                    }
                    slow!(meta_call::get(vm, object, key, ra!()))
                }
                Op::SetUpField => {
                    set_name!(
                        *(**Closure::upval((*fr).closure, fld_a!())).v,
                        *kb!(),
                        *rc!()
                    )
                }
                Op::SetUpFieldK => {
                    set_name!(
                        *(**Closure::upval((*fr).closure, fld_a!())).v,
                        *kb!(),
                        *kc!()
                    )
                }

                // ---- tables --------------------------------------------------------------------
                Op::GetIndex => {
                    let (object, key) = (*rb!(), *rc!());
                    if object.is_table() {
                        let t = object.as_table();
                        if key.is_int() {
                            let at = key.payload.wrapping_sub(1);
                            if at < (*t).len as u64 {
                                let v = *(*t).array.add(at as usize);
                                if !v.is_nil() || (*t).meta.is_null() {
                                    *ra!() = v;
                                    continue;
                                }
                            } else {
                                let node = table::find_int(&vm.heap, t, key.as_int());
                                if !node.is_null() && (*node).tag != tag::NIL {
                                    *ra!() = (*node).value();
                                    continue;
                                }
                                if (*t).meta.is_null() {
                                    *ra!() = Value::NIL;
                                    continue;
                                }
                            }
                        } else if key.is_string() && Str::is_short(key.as_str()) {
                            let node = table::find_name(t, key.as_str());
                            if !node.is_null() && (*node).tag != tag::NIL {
                                *ra!() = (*node).value();
                                continue;
                            }
                        }
                    }
                    slow!(meta_call::get(vm, object, key, ra!()))
                }
                Op::GetInt => {
                    let object = *rb!();
                    let index = fld_c!();
                    if object.is_table() {
                        let t = object.as_table();
                        let at = index.wrapping_sub(1);
                        if at < (*t).len as usize {
                            let v = *(*t).array.add(at);
                            if !v.is_nil() || (*t).meta.is_null() {
                                *ra!() = v;
                                continue;
                            }
                        }
                    }
                    slow!(meta_call::get(vm, object, Value::int(index as i64), ra!()))
                }
                Op::GetField => {
                    let object = *rb!();
                    let key = *kc!();
                    if object.is_table() {
                        let t = object.as_table();
                        let node = name_node!(t, key.as_str());
                        if !node.is_null() && (*node).tag != tag::NIL {
                            *ra!() = (*node).value();
                            skip_cache!();
                            continue;
                        }
                    }
                    slow!(meta_call::get(vm, object, key, ra!()))
                }
                Op::SetIndex => {
                    let (object, key, v) = (*ra!(), *rb!(), *rc!());
                    if key.is_int() {
                        set_at!(object, key.as_int(), v)
                    }
                    if object.is_table() && key.is_string() && Str::is_short(key.as_str()) {
                        let t = object.as_table();
                        let node = table::find_name(t, key.as_str());
                        if !node.is_null() && (*node).tag != tag::NIL {
                            store_node!(t, node, v);
                            continue;
                        }
                    }
                    slow!(meta_call::set(vm, object, key, v))
                }
                Op::SetIndexK => {
                    let (object, key, v) = (*ra!(), *rb!(), *kc!());
                    if key.is_int() {
                        set_at!(object, key.as_int(), v)
                    }
                    slow!(meta_call::set(vm, object, key, v))
                }
                Op::SetInt => set_at!(*ra!(), fld_b!() as i64, *rc!()),
                Op::SetIntK => set_at!(*ra!(), fld_b!() as i64, *kc!()),
                Op::SetField => set_name!(*ra!(), *kb!(), *rc!()),
                Op::SetFieldK => set_name!(*ra!(), *kb!(), *kc!()),
                Op::SelfField => {
                    let object = *rb!();
                    let key = *kc!();
                    let to = ra!();
                    let mut meta: *mut Table = std::ptr::null_mut();
                    if object.is_table() {
                        let t = object.as_table();
                        let node = table::find_name(t, key.as_str());
                        if !node.is_null() && (*node).tag != tag::NIL {
                            *to.add(1) = object;
                            *to = (*node).value();
                            skip_cache!();
                            continue;
                        }
                        meta = (*t).meta;
                    } else if object.is_string() {
                        meta = vm.type_meta[crate::meta::Type::String as usize];
                    }
                    if !meta.is_null() {
                        // The class: `__index` of the metatable, by the first hint.
                        let name = vm.events[Event::Index as usize];
                        let h = hint!();
                        let mut node = (*meta).nodes.byte_add(h as usize);
                        if h >= (*meta).node_bytes || !(*node).has_name(name) {
                            node = table::find_name(meta, name);
                            if !node.is_null() {
                                hint!() = (node as usize - (*meta).nodes as usize) as u32;
                            }
                        }
                        if !node.is_null() && (*node).tag == tag::TABLE {
                            // The method in it, by the second hint.
                            let class = (*node).value().as_table();
                            let second = pc.cast::<u32>().add(1);
                            let h = *second;
                            let mut node = (*class).nodes.byte_add(h as usize);
                            if h >= (*class).node_bytes || !(*node).has_name(key.as_str()) {
                                node = table::find_name(class, key.as_str());
                                if !node.is_null() {
                                    *second = (node as usize - (*class).nodes as usize) as u32;
                                }
                            }
                            if !node.is_null() && (*node).tag != tag::NIL {
                                *to.add(1) = object;
                                *to = (*node).value();
                                skip_cache!();
                                continue;
                            }
                        }
                    }
                    *to.add(1) = object;
                    slow!(meta_call::get(vm, object, key, to))
                }
                Op::NewTable => {
                    let at = ra!();
                    (*vm.th).top = at;
                    check!(new_table(vm, fld_b!() as u32, fld_c!() as u32, fld_a!()));
                }
                Op::SetList => {
                    let at = ra!();
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
                Op::Add => arith!(
                    rb!(),
                    rc!(),
                    |x, y| x.wrapping_add(y),
                    |x, y| x + y,
                    Event::Add
                ),
                Op::Sub => arith!(
                    rb!(),
                    rc!(),
                    |x, y| x.wrapping_sub(y),
                    |x, y| x - y,
                    Event::Sub
                ),
                Op::Mul => arith!(
                    rb!(),
                    rc!(),
                    |x, y| x.wrapping_mul(y),
                    |x, y| x * y,
                    Event::Mul
                ),
                Op::Mod => divide!(rb!(), rc!(), int_mod, float_mod, Event::Mod),
                Op::Pow => arith_f!(rb!(), rc!(), float_pow, Event::Pow),
                Op::Div => arith_f!(rb!(), rc!(), |x, y| x / y, Event::Div),
                Op::IDiv => divide!(rb!(), rc!(), int_floor_div, float_floor_div, Event::IDiv),
                Op::BAnd => bitwise!(rb!(), rc!(), |x, y| x & y, Event::BAnd),
                Op::BOr => bitwise!(rb!(), rc!(), |x, y| x | y, Event::BOr),
                Op::BXor => bitwise!(rb!(), rc!(), |x, y| x ^ y, Event::BXor),
                Op::Shl => bitwise!(rb!(), rc!(), shift_left, Event::Shl),
                Op::Shr => bitwise!(rb!(), rc!(), shift_right, Event::Shr),
                Op::AddI => arith_i!(|x, y| x.wrapping_add(y), |x, y| x + y, Event::Add),
                Op::SubI => arith_i!(|x, y| x.wrapping_sub(y), |x, y| x - y, Event::Sub),
                Op::MulI => arith_i!(|x, y| x.wrapping_mul(y), |x, y| x * y, Event::Mul),
                Op::ModI => arith_i!(int_mod, float_mod, Event::Mod),
                Op::IDivI => arith_i!(int_floor_div, float_floor_div, Event::IDiv),
                Op::ShlI | Op::ShrI => {
                    let b = *rb!();
                    let imm = fld_c!() as u16 as i16 as i64;
                    let left = op == Op::ShlI;
                    if b.is_int() {
                        let x = b.as_int();
                        set_int!(
                            ra!(),
                            if left {
                                shift_left(x, imm)
                            } else {
                                shift_right(x, imm)
                            }
                        );
                        continue;
                    }
                    let event = if left { Event::Shl } else { Event::Shr };
                    slow!(meta_call::arith(vm, event, b, Value::int(imm), ra!()))
                }
                Op::AddK => arith_k!(|x, y| x.wrapping_add(y), |x, y| x + y, Event::Add),
                Op::SubK => arith_k!(|x, y| x.wrapping_sub(y), |x, y| x - y, Event::Sub),
                Op::MulK => arith_k!(|x, y| x.wrapping_mul(y), |x, y| x * y, Event::Mul),
                Op::ModK => divide!(rb!(), kc!(), int_mod, float_mod, Event::Mod),
                Op::PowK => {
                    let (b, c) = (rb!(), kc!());
                    if (*b).tag & tag::NUMBER != 0 {
                        let x = (*b).number_as_float();
                        let y = (*c).number_as_float();
                        set_float!(ra!(), if y == 2.0 { x * x } else { float_pow(x, y) });
                        continue;
                    }
                    slow!(meta_call::arith(vm, Event::Pow, *b, *c, ra!()))
                }
                Op::DivK => arith_f!(rb!(), kc!(), |x, y| x / y, Event::Div),
                Op::IDivK => divide!(rb!(), kc!(), int_floor_div, float_floor_div, Event::IDiv),
                Op::BAndK => bitwise!(rb!(), kc!(), |x, y| x & y, Event::BAnd),
                Op::BOrK => bitwise!(rb!(), kc!(), |x, y| x | y, Event::BOr),
                Op::BXorK => bitwise!(rb!(), kc!(), |x, y| x ^ y, Event::BXor),
                Op::SubKR => {
                    arith!(
                        kb!(),
                        rc!(),
                        |x, y| x.wrapping_sub(y),
                        |x, y| x - y,
                        Event::Sub
                    )
                }
                Op::DivKR => arith_f!(kb!(), rc!(), |x, y| x / y, Event::Div),
                Op::Unm => {
                    let b = *rb!();
                    if b.is_int() {
                        set_int!(ra!(), b.as_int().wrapping_neg());
                    } else if b.is_float() {
                        set_float!(ra!(), -b.as_float());
                    } else {
                        slow!(meta_call::arith(vm, Event::Unm, b, b, ra!()))
                    }
                }
                Op::BNot => {
                    let b = *rb!();
                    if b.is_int() {
                        set_int!(ra!(), !b.as_int());
                    } else {
                        slow!(meta_call::arith(vm, Event::BNot, b, b, ra!()))
                    }
                }
                Op::Not => *ra!() = Value::bool((*rb!()).is_falsy()),
                Op::Len => {
                    let b = *rb!();
                    if b.is_table() && (*b.as_table()).meta.is_null() {
                        set_int!(ra!(), table::border(b.as_table()));
                    } else if b.is_string() {
                        set_int!(ra!(), (*b.as_str()).len as i64);
                    } else {
                        slow!(meta_call::len(vm, b, ra!()))
                    }
                }
                Op::Concat => slow!(meta_call::concat(vm, ra!(), fld_b!())),

                // ---- scopes --------------------------------------------------------------------
                Op::Close => {
                    let level = ra!();
                    if (*vm.th).open.is_null() && (*vm.th).n_tbc == 0 {
                        continue;
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
                    if (*ra!()).is_falsy() != (fld_f!() != 0) {
                        pc = pc.offset(fld_d!() as isize);
                    }
                }
                Op::TestSet => {
                    let b = *rb!();
                    if b.is_falsy() != (fld_f!() != 0) {
                        *ra!() = b;
                        jump_c!();
                    }
                }
                Op::Eq => {
                    let (a, b) = (*ra!(), *rb!());
                    let is = if a.tag & b.tag & tag::INTEGER != 0 {
                        a.payload == b.payload
                    } else if a.same(b) && a.tag != tag::FLOAT {
                        true
                    } else if a.tag != b.tag && !(a.is_number() && b.is_number())
                        || a.tag == tag::STRING && Str::is_short(a.as_str())
                    {
                        false
                    } else {
                        slow!(meta_call::compare(vm, Event::Eq, a, b))
                    };
                    if is == (fld_f!() != 0) {
                        jump_c!();
                    }
                }
                Op::Lt => compare!(i64::lt, f64::lt, Event::Lt),
                Op::Le => compare!(i64::le, f64::le, Event::Le),
                Op::EqK => {
                    let (a, b) = (*ra!(), *kb!());
                    let is = if a.same(b) {
                        // A constant is never NaN.
                        true
                    } else if a.tag != b.tag && !(a.is_number() && b.is_number())
                        || a.tag == tag::STRING && Str::is_short(a.as_str())
                    {
                        false
                    } else {
                        convert::raw_equal(a, b)
                    };
                    if is == (fld_f!() != 0) {
                        jump_c!();
                    }
                }
                Op::EqI => {
                    let a = *ra!();
                    let imm = fld_b!() as u16 as i16 as i64;
                    let is = if a.is_int() {
                        a.as_int() == imm
                    } else {
                        a.is_float() && a.as_float() == imm as f64
                    };
                    if is == (fld_f!() != 0) {
                        jump_c!();
                    }
                }
                Op::LtI => compare_i!(i64::lt, f64::lt, Event::Lt, false),
                Op::LeI => compare_i!(i64::le, f64::le, Event::Le, false),
                Op::GtI => compare_i!(i64::gt, f64::gt, Event::Lt, true),
                Op::GeI => compare_i!(i64::ge, f64::ge, Event::Le, true),

                // ---- loops ---------------------------------------------------------------------
                Op::ForPrep => {
                    let at = ra!();
                    if check!(for_prep(vm, at)) {
                        pc = pc.offset(fld_d!() as isize);
                    }
                }
                Op::ForLoop => {
                    let at = ra!();
                    if (*at).tag == tag::INTEGER {
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
                    let slot = ra!().add(3);
                    check!(mark_tbc(vm, slot));
                    pc = pc.offset(fld_d!() as isize);
                }
                Op::TForCall => {
                    let at = ra!();
                    let f = *at;
                    if f.tag == tag::NATIVE && fld_c!() <= 2 {
                        // `next` and the iterator of `ipairs` over a plain table need no call.
                        let state = *at.add(1);
                        if f.payload == vm.next_payload {
                            if state.is_table() {
                                let mut index = (*at.add(2)).pad as usize;
                                let control = *at.add(2);
                                if control.is_nil() {
                                    index = 0;
                                }
                                let t = state.as_table();
                                if (*t).external == 0
                                    && (control.is_nil() || position_holds(t, index, control))
                                {
                                    match table::next_from(t, &mut index) {
                                        Some((mut k, v)) => {
                                            // The position rides along in the key's padding.
                                            k.pad = index as u32;
                                            *at.add(4) = k;
                                            *at.add(5) = v;
                                        }
                                        None => *at.add(4) = Value::NIL,
                                    }
                                    continue;
                                }
                            }
                        } else if f.payload == vm.ipairs_payload {
                            let control = *at.add(2);
                            if state.is_table() && control.is_int() {
                                let t = state.as_table();
                                let n = control.payload;
                                if n < (*t).len as u64 {
                                    let v = *(*t).array.add(n as usize);
                                    if !v.is_nil() {
                                        set_int!(at.add(4), n + 1);
                                        *at.add(5) = v;
                                        continue;
                                    }
                                }
                            }
                        }
                    }
                    let func = at.add(4);
                    *func = f;
                    *func.add(1) = *at.add(1);
                    *func.add(2) = *at.add(2);
                    (*vm.th).top = func.add(3);
                    slow!(call::call_value(vm, func, 2, fld_c!() as i16, 0))
                }
                Op::TForLoop => {
                    let at = ra!();
                    let v = *at.add(4);
                    if !v.is_nil() {
                        *at.add(2) = v;
                        pc = pc.offset(fld_d!() as isize);
                        spend!();
                    }
                }

                // ---- functions -----------------------------------------------------------------
                Op::Call => {
                    let func = ra!();
                    let b = fld_b!();
                    let n_args = if b != 0 {
                        b - 1
                    } else {
                        (*vm.th).top.offset_from(func) as usize - 1
                    };
                    let n_results = fld_c!() as i16 - 1;
                    fuel -= 1;
                    if fuel <= 0 {
                        // Come back to this instruction with a new slice.
                        pc = i;
                        fuel = 0;
                        save!();
                        return Exit::Slice;
                    }
                    if (*func).tag == tag::CLOSURE {
                        (*fr).pc = pc;
                        let closure = (*func).as_ptr::<Closure>();
                        let proto = (*closure).proto;
                        let callee = func.add(1);
                        let next = fr.add(1);
                        let max_stack = (*proto).max_stack as usize;
                        if callee.add(n_args + max_stack + 1) > (*vm.th).stack_end
                            || next >= (*vm.th).frames_end
                        {
                            slow!(
                                call::push_lua(vm, func, n_args, n_results, 0).map(|()| Flow::Run)
                            )
                        }
                        for j in n_args..(*proto).n_params as usize {
                            *callee.add(j) = Value::NIL;
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
                        continue;
                    }
                    if (*func).tag == tag::NATIVE
                        && n_results as u16 <= 1
                        && let Some(known) = vm.fast.find((*func).payload)
                        && fast::call(vm, known, func, n_args, n_results)
                    {
                        continue;
                    }
                    (*vm.th).top = func.add(n_args + 1);
                    if matches!((*func).tag, tag::NATIVE | tag::NATIVE_CLOSURE) {
                        save!();
                        match call::call_native::<false>(vm, func, n_args, n_results, 0) {
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
                                    continue;
                                }
                                match call::settle(vm, outcome) {
                                    Ok(Flow::Run) => reload!(),
                                    Ok(Flow::Exit) => return Exit::Return,
                                    Err(_) => return Exit::Error,
                                }
                                continue;
                            }
                            Err(_) => return Exit::Error,
                        }
                    }
                    slow!(call::call_value(vm, func, n_args, n_results, 0))
                }
                Op::TailCall => {
                    let func = ra!();
                    let b = fld_b!();
                    let n_args = if b != 0 {
                        b - 1
                    } else {
                        (*vm.th).top.offset_from(func) as usize - 1
                    };
                    if fld_f!() != 0 {
                        thread::close_upvals(&mut vm.heap, vm.th, base);
                    }
                    fuel -= 1;
                    if fuel <= 0 {
                        pc = i;
                        fuel = 0;
                        save!();
                        return Exit::Slice;
                    }
                    if (*func).tag == tag::CLOSURE {
                        let closure = (*func).as_ptr::<Closure>();
                        let proto = (*closure).proto;
                        let ret = call::function_slot(fr);
                        let callee = ret.add(1);
                        if callee.add(n_args + (*proto).max_stack as usize + 1)
                            <= (*vm.th).stack_end
                        {
                            for j in 0..=n_args {
                                *ret.add(j) = *func.add(j);
                            }
                            for j in n_args..(*proto).n_params as usize {
                                *callee.add(j) = Value::NIL;
                            }
                            (*fr).closure = closure;
                            pc = (*proto).code;
                            (*fr).pc = pc;
                            (*fr).k = (*proto).k;
                            (*fr).base = callee;
                            (*fr).n_args = n_args as u32;
                            (*fr).flags = (*fr).flags & frame_flag::SLOW_RETURN | frame_flag::TAIL;
                            base = callee;
                            continue;
                        }
                    }
                    if (*func).tag == tag::NATIVE
                        && let Some(known) = vm.fast.find((*func).payload)
                        && fast::call(vm, known, func, n_args, fast::ALL)
                    {
                        // The `return` that follows takes the result.
                        (*vm.th).top = func.add(1);
                        continue;
                    }
                    (*vm.th).top = func.add(n_args + 1);
                    slow!(tail_call(vm, func, n_args))
                }
                Op::Return => {
                    let at = ra!();
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
                        *(*fr).ret = *from;
                        fr = fr.sub(1);
                        (*vm.th).frame = fr;
                        base = (*fr).base;
                        pc = (*fr).pc;
                        continue;
                    }
                    return_to_caller!(from, 1)
                }
                Op::Closure => {
                    let at = ra!();
                    (*vm.th).top = at;
                    let proto = (&(*(*(*fr).closure).proto).protos)[fld_d!() as usize];
                    check!(new_closure(vm, proto, fld_a!()));
                }
                Op::Vararg => {
                    let at = ra!();
                    let extra = (*fr).n_args as usize;
                    let c = fld_c!();
                    let wanted = if c == 0 { extra } else { c - 1 };
                    let mut at = at;
                    if c == 0 {
                        if at.add(extra + 2) > (*vm.th).stack_end {
                            let offset = fld_a!();
                            check!(call::ensure_stack(vm, at, extra + 2));
                            at = base.byte_add(offset);
                        }
                        (*vm.th).top = at.add(extra);
                    }
                    let from = base.sub(1 + extra);
                    let n = wanted.min(extra);
                    for j in 0..n {
                        *at.add(j) = *from.add(j);
                    }
                    for j in n..wanted {
                        *at.add(j) = Value::NIL;
                    }
                }
                Op::VarargPrep => {
                    if (*fr).n_args as usize <= fld_b!() {
                        (*fr).n_args = 0;
                        continue;
                    }
                    let n_params = fld_b!();
                    let n_args = (*fr).n_args as usize;
                    let new_func = base.add(n_args);
                    let max_stack = (*(*(*fr).closure).proto).max_stack as usize;
                    if new_func.add(max_stack + 2) <= (*vm.th).stack_end {
                        *new_func = *base.sub(1);
                        for j in 0..n_params {
                            *new_func.add(1 + j) = *base.add(j);
                            *base.add(j) = Value::NIL;
                        }
                        (*fr).n_args = (n_args - n_params) as u32;
                        base = new_func.add(1);
                        (*fr).base = base;
                        continue;
                    }
                    check!(vararg_prep(vm, fld_b!()));
                }
            }
        }
    }
}
