//! Operations that may need a metamethod: the slow halves of the loop's instructions.
//!
//! A metamethod called from an instruction is an ordinary frame marked `FINISH`; when it returns,
//! [`finish_op`] looks at the instruction again and puts the result where it belongs. So metamethods can
//! yield, and calling them takes no native stack.

use super::call::{self, Flow};
use crate::Vm;
use crate::convert;
use crate::heap::object::*;
use crate::heap::strings::{copy_bytes, order_bytes};
use crate::isa::{Instr, Op};
use crate::meta::Event;
use crate::native::Thrown;
use crate::table::{self, Place};
use crate::thread::frame_flag;
use crate::value::{self, Value, tag};

/// Strings of up to so many bytes are ordered for nothing.
pub(super) const FREE_COMPARISON: usize = 64;

/// Longest chain of `__index` or `__newindex` tables.
const MAX_CHAIN: u32 = 2000;
/// So many tables of a chain are one unit of work.
const STEPS_PER_UNIT: u32 = 8;

/// Outcome of a lookup.
pub(crate) enum Found {
    Value(Value),
    /// Call this function with the object and the key.
    Call(Value, Value),
    /// Ask the store of this external table.
    External(Value),
}

/// `object[key]`, up to a metamethod that must be called.
#[inline(always)]
pub(crate) unsafe fn index(vm: &mut Vm, object: Value, key: Value) -> Result<Found, Thrown> {
    let mut object = object;
    vm.debit_reading(key, crate::api::COMPARED_BYTES);
    // SAFETY: valid values; nothing here collects.
    unsafe {
        for step in 0..MAX_CHAIN {
            if step % STEPS_PER_UNIT == STEPS_PER_UNIT - 1 {
                vm.charge(1)?;
            }
            let method = if object.is_table() {
                let t = object.as_table();
                if (*t).external != 0 {
                    return Ok(external_index(vm, t, key));
                }
                let v = table::get(&mut vm.heap, t, key);
                if !v.is_nil() || (*t).meta.is_null() {
                    return Ok(Found::Value(v));
                }
                let method = vm.metamethod_of((*t).meta, Event::Index);
                if method.is_nil() {
                    return Ok(Found::Value(v));
                }
                method
            } else {
                let method = vm.metamethod(object, Event::Index);
                if method.is_nil() {
                    return Err(vm.index_error(object, key, step == 0));
                }
                method
            };
            if method.is_function() {
                return Ok(Found::Call(method, object));
            }
            object = method;
        }
    }
    Err(vm.run_error(&[b"'__index' chain too long; possible loop"]))
}

/// `t[key]` of an external table: what was read of it before, or the function that reads it.
#[inline(never)]
unsafe fn external_index(vm: &mut Vm, t: *mut Table, key: Value) -> Found {
    // SAFETY: a live external table, a valid key.
    unsafe {
        let cache = Table::cache(t, vm.heap.epoch);
        if !cache.is_null() {
            let v = table::get(&mut vm.heap, cache, key);
            if v.tag == tag::LIGHT {
                return Found::Value(Value::NIL);
            }
            if !v.is_nil() {
                return Found::Value(v);
            }
        }
        Found::External(Value::table(t))
    }
}

/// Outcome of an assignment.
pub(crate) enum Stored {
    Done,
    /// Call this function with the object, the key and the value.
    Call(Value, Value),
    /// Tell the store of this external table.
    External(Value),
}

/// `object[key] = value`, up to a metamethod that must be called. All three are rooted.
#[inline(always)]
pub(crate) unsafe fn set_index(
    vm: &mut Vm,
    object: Value,
    key: Value,
    value: Value,
) -> Result<Stored, Thrown> {
    let mut object = object;
    vm.debit_reading(key, crate::api::COMPARED_BYTES);
    // SAFETY: valid values, kept alive by the caller's stack slots.
    unsafe {
        for step in 0..MAX_CHAIN {
            if step % STEPS_PER_UNIT == STEPS_PER_UNIT - 1 {
                vm.charge(1)?;
            }
            let method = if object.is_table() {
                let t = object.as_table();
                if (*t).external != 0 {
                    return Ok(Stored::External(object));
                }
                let meta = (*t).meta;
                let place = table::find(&mut vm.heap, t, key);
                let present = match &place {
                    Place::Array(slot) => !(**slot).is_nil(),
                    Place::Node(node) => (**node).tag != tag::NIL,
                    Place::Absent => false,
                };
                let method = if present || meta.is_null() {
                    Value::NIL
                } else {
                    vm.metamethod_of(meta, Event::NewIndex)
                };
                if method.is_nil() {
                    match place {
                        Place::Array(slot) => *slot = value,
                        Place::Node(node) => (*node).set_value(value),
                        Place::Absent => new_entry(vm, t, key, value)?,
                    }
                    (*t).absent = 0;
                    vm.barrier_table(t, value);
                    return Ok(Stored::Done);
                }
                method
            } else {
                let method = vm.metamethod(object, Event::NewIndex);
                if method.is_nil() {
                    return Err(vm.index_error(object, key, step == 0));
                }
                method
            };
            if method.is_function() {
                return Ok(Stored::Call(method, object));
            }
            object = method;
        }
    }
    Err(vm.run_error(&[b"'__newindex' chain too long; possible loop"]))
}

/// A new entry of a table; collects and tries again when memory runs out. Key and value are rooted.
pub(crate) unsafe fn new_entry(
    vm: &mut Vm,
    t: *mut Table,
    key: Value,
    value: Value,
) -> Result<(), Thrown> {
    // SAFETY: by contract the table, the key and the value survive a collection.
    unsafe {
        let before = vm.heap.used;
        match table::insert(&mut vm.heap, t, key, value) {
            Ok(()) => {}
            Err(table::SetError::Memory) => {
                vm.collect_midway();
                if let Err(e) = table::insert(&mut vm.heap, t, key, value) {
                    return Err(vm.set_error(e));
                }
            }
            Err(e) => return Err(vm.set_error(e)),
        }
        (*t).absent = 0;
        // The barriers for key and value; keys are as alive as values.
        vm.barrier_table(t, key);
        vm.barrier_table(t, value);
        if vm.heap.used != before && vm.heap.used >= vm.heap.threshold {
            vm.growth_due = true;
        }
    }
    Ok(())
}

// ---- calling a metamethod from an instruction ------------------------------------------------------

/// Pushes `f` with its arguments above the running Lua frame's registers and calls it for one result, which goes
/// to `to` (null: `finish_op` shall see it; [`nowhere`]: there is no result).
#[inline(always)]
pub(super) unsafe fn call_method<const N: usize>(
    vm: &mut Vm,
    f: Value,
    args: [*const Value; N],
    to: *mut Value,
) -> Result<Flow, Thrown> {
    // SAFETY: a Lua frame is running; `EXTRA` slots lie above its registers; `to` is null or one of them.
    unsafe {
        let frame = (*vm.th).frame;
        let proto = (*(*frame).closure).proto;
        let func = (*frame).base.add((*proto).max_stack as usize);
        value::assign(func, &raw const f);
        for (i, v) in args.into_iter().enumerate() {
            value::assign(func.add(1 + i), v);
        }
        enter(vm, func, N, to)
    }
}

/// Where a method is called whose result nobody wants.
#[inline(always)]
unsafe fn nowhere(vm: &Vm) -> *mut Value {
    // SAFETY: a Lua frame is running; `EXTRA` slots lie above its registers.
    unsafe {
        let frame = (*vm.th).frame;
        let proto = (*(*frame).closure).proto;
        (*frame).base.add((*proto).max_stack as usize)
    }
}

/// Calls the metamethod in `func`, which its arguments follow.
#[inline(never)]
unsafe fn enter(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
    to: *mut Value,
) -> Result<Flow, Thrown> {
    vm.charge(1)?;
    // SAFETY: as `call_method`.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        (*th).top = func.add(1 + n_args);
        if (*func).tag != tag::CLOSURE {
            return call::call_value(vm, func, n_args, 1, frame_flag::FINISH);
        }
        if to.is_null() {
            call::push_lua(vm, func, n_args, 1, frame_flag::FINISH)?;
            return Ok(Flow::Run);
        }
        // The result can go straight to its register, so returning is nothing special.
        skip_second_word(frame);
        let n_results = (to != func) as i16;
        if call::push_in_place(th, func, n_args, to, n_results, 0) {
            return Ok(Flow::Run);
        }
        let offset = to.offset_from((*frame).base);
        call::push_lua(vm, func, n_args, n_results, 0)?;
        let callee = (*vm.th).frame;
        (*callee).ret = (*callee.sub(1)).base.offset(offset);
        Ok(Flow::Run)
    }
}

/// Register `operand` (times 16) of the running frame.
#[inline(always)]
unsafe fn register(frame: *mut Frame, operand: u16) -> *mut Value {
    // SAFETY: the verifier has bounded the operand.
    unsafe { Frame::register(frame, operand as usize) }
}

/// Puts the result of a metamethod where the interrupted instruction wants it.
pub(crate) unsafe fn finish_op(vm: &mut Vm) -> Result<Flow, Thrown> {
    // SAFETY: the running frame is a Lua frame interrupted in an instruction that calls metamethods; the
    // result lies where the method was.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let proto = (*(*frame).closure).proto;
        let result = *(*frame).base.add((*proto).max_stack as usize);
        let instr = Instr(*Frame::current(frame));
        let Some(op) = instr.op() else {
            return Ok(Flow::Run);
        };
        match op {
            Op::GetUpField | Op::GetField | Op::SelfField => {
                *register(frame, instr.a()) = result;
                (*frame).pc = (*frame).pc.add(1);
            }
            Op::SetUpField | Op::SetUpFieldK | Op::SetField | Op::SetFieldK => {
                (*frame).pc = (*frame).pc.add(1);
            }
            Op::SetIndex | Op::SetIndexK | Op::SetInt | Op::SetIntK => {}
            Op::Close | Op::Return => {
                // A `__close` method has returned: the instruction runs again, for the next variable.
                (*frame).pc = (*frame).pc.sub(1);
                if (*th).trap != 0 {
                    (*frame).flags |= frame_flag::AGAIN;
                }
            }
            Op::Eq | Op::Lt | Op::Le | Op::LtI | Op::LeI | Op::GtI | Op::GeI => {
                if result.is_falsy() != (instr.f() != 0) {
                    (*frame).pc = (*frame).pc.add(instr.c() as usize);
                }
            }
            Op::Concat => {
                let m = (*frame).aux as usize;
                let first = register(frame, instr.a());
                *first.add(m - 2) = result;
                return concat(vm, first, m - 1);
            }
            _ => *register(frame, instr.a()) = result,
        }
        Ok(Flow::Run)
    }
}

/// Slow half of the loads: `R[A] := object[key]`.
#[inline(never)]
pub(crate) unsafe fn get(
    vm: &mut Vm,
    object: Value,
    key: Value,
    to: *mut Value,
) -> Result<Flow, Thrown> {
    // SAFETY: `to` is a register of the running frame.
    unsafe {
        match index(vm, object, key)? {
            Found::Value(v) => {
                *to = v;
                // A two-word instruction skips its second word here as it does in `finish_op`.
                skip_second_word((*vm.th).frame);
                Ok(Flow::Run)
            }
            Found::Call(f, object) => call_method(vm, f, [&object, &key], to),
            Found::External(t) => {
                let offset = to.offset_from((*vm.th).stack);
                above_registers(vm);
                vm.get_external(t, key)?;
                // The stack may have moved.
                *Thread::slot(vm.th, offset as usize) = *(*vm.th).top.sub(1);
                skip_second_word((*vm.th).frame);
                Ok(Flow::Run)
            }
        }
    }
}

/// Puts the top where a method would be called: above the registers of the running Lua frame.
unsafe fn above_registers(vm: &mut Vm) {
    // SAFETY: a Lua frame is running; its registers are valid, and `EXTRA` slots lie above them.
    unsafe {
        let frame = (*vm.th).frame;
        let proto = (*(*frame).closure).proto;
        (*vm.th).top = (*frame).base.add((*proto).max_stack as usize);
    }
}

unsafe fn skip_second_word(frame: *mut Frame) {
    // SAFETY: as `finish_op`.
    unsafe {
        if let Some(op) = Instr(*Frame::current(frame)).op() {
            (*frame).pc = (*frame).pc.add(op.info().wide as usize);
        }
    }
}

/// Slow half of the stores.
#[inline(never)]
pub(crate) unsafe fn set(
    vm: &mut Vm,
    object: *const Value,
    key: *const Value,
    value: *const Value,
) -> Result<Flow, Thrown> {
    // SAFETY: the operands are registers, upvalues, constants of the running frame, or immediates.
    unsafe {
        if (*object).is_table() && (!(*key).is_string() || Str::is_short((*key).as_str())) {
            let t = (*object).as_table();
            let method = vm.metamethod_of((*t).meta, Event::NewIndex);
            if method.tag == tag::CLOSURE
                && (*t).external == 0
                && table::get(&mut vm.heap, t, *key).is_nil()
            {
                let to = nowhere(vm);
                return call_method(vm, method, [object, key, value], to);
            }
        }
        let (object, key, value) = (*object, *key, *value);
        let result = match set_index(vm, object, key, value)? {
            Stored::Done => {
                skip_second_word((*vm.th).frame);
                Ok(Flow::Run)
            }
            Stored::Call(f, object) => {
                let to = nowhere(vm);
                call_method(vm, f, [&object, &key, &value], to)
            }
            Stored::External(t) => {
                above_registers(vm);
                vm.set_external(t, key, value)?;
                skip_second_word((*vm.th).frame);
                Ok(Flow::Run)
            }
        };
        after_growth(vm);
        result
    }
}

/// Collects if a new entry has made that due.
#[inline(always)]
unsafe fn after_growth(vm: &mut Vm) {
    // SAFETY: between two instructions.
    unsafe {
        if vm.growth_due {
            vm.growth_due = false;
            (*vm.th).top = super::unwind::handler_top(vm.th);
            vm.gc_check(0);
        }
    }
}

/// Store under a key of any kind in a table of the machine (no external one) that has no metatable.
#[inline(never)]
pub(crate) unsafe fn set_plain(
    vm: &mut Vm,
    t: *mut Table,
    key: *const Value,
    value: *const Value,
) -> Result<Flow, Thrown> {
    // SAFETY: as `set`.
    unsafe {
        let (key, value) = (*key, *value);
        vm.debit_reading(key, crate::api::COMPARED_BYTES);
        match table::find(&mut vm.heap, t, key) {
            Place::Array(slot) => *slot = value,
            Place::Node(node) => (*node).set_value(value),
            Place::Absent => {
                new_entry(vm, t, key, value)?;
                after_growth(vm);
                return Ok(Flow::Run);
            }
        }
        (*t).absent = 0;
        vm.barrier_table(t, value);
        Ok(Flow::Run)
    }
}

/// Slow half of arithmetic: strings, mixed operands, metamethods.
#[inline(never)]
pub(crate) unsafe fn arith(
    vm: &mut Vm,
    event: Event,
    a: *const Value,
    b: *const Value,
    to: *mut Value,
) -> Result<Flow, Thrown> {
    // SAFETY: `to` is a register of the running frame, and the operands are registers, constants, or immediates.
    unsafe {
        if let Some(method) = method_of_table(vm, event, a) {
            return call_method(vm, method, [a, b], to);
        }
        let (a, b) = (*a, *b);
        if a.is_number()
            && b.is_number()
            && let Some(v) = convert::arith_raw(event, a, b)
        {
            return match v {
                Ok(v) => {
                    *to = v;
                    Ok(Flow::Run)
                }
                Err(text) => Err(vm.run_error(&[text])),
            };
        }
        let method = binary_method(vm, event, a, b)?;
        if let Some(v) = string_arith(vm, event, method, a, b) {
            vm.charge(1)?;
            *to = v;
            return Ok(Flow::Run);
        }
        call_method(vm, method, [&a, &b], to)
    }
}

/// What the library's metamethod of strings gives for two short strings or numbers, if that is the one; without the
/// call. A hook is to see the call.
#[inline(never)]
unsafe fn string_arith(vm: &Vm, event: Event, method: Value, a: Value, b: Value) -> Option<Value> {
    // SAFETY: valid values; the payload of a native is the address of a static.
    unsafe {
        if method.tag != tag::NATIVE || (*vm.th).trap != 0 {
            return None;
        }
        let native = &*method.as_ptr::<crate::native::Native>();
        if native.name.strip_prefix("string.") != Some(event.name()) {
            return None;
        }
        let is_short = |v: Value| !v.is_string() || Str::is_short(v.as_str());
        if !is_short(a) || !is_short(b) {
            return None;
        }
        let (a, b) = (convert::to_number(a)?, convert::to_number(b)?);
        convert::arith_raw(event, a, b)?.ok()
    }
}

/// Metamethod of a table that is a Lua function.
#[inline(always)]
unsafe fn method_of_table(vm: &Vm, event: Event, v: *const Value) -> Option<Value> {
    // SAFETY: a valid value.
    unsafe {
        if !(*v).is_table() {
            return None;
        }
        let method = vm.metamethod_of((*(*v).as_table()).meta, event);
        (method.tag == tag::CLOSURE).then_some(method)
    }
}

/// Metamethod for a binary (or unary) operation, or the error that there is none.
pub(crate) unsafe fn binary_method(
    vm: &mut Vm,
    event: Event,
    a: Value,
    b: Value,
) -> Result<Value, Thrown> {
    // SAFETY: valid values.
    unsafe {
        let mut method = vm.metamethod(a, event);
        if method.is_nil() {
            method = vm.metamethod(b, event);
        }
        if method.is_nil() {
            Err(vm.operand_error(event, a, b))
        } else {
            Ok(method)
        }
    }
}

/// Outcome of a comparison.
pub(crate) enum Compared {
    Is(bool),
    Call(Value),
}

/// `a == b`, up to a metamethod.
pub(crate) unsafe fn equal(vm: &mut Vm, a: Value, b: Value) -> Compared {
    // SAFETY: valid values.
    unsafe {
        if b.is_string() {
            vm.debit_reading(a, crate::api::COMPARED_BYTES);
        }
        if convert::raw_equal(a, b) {
            return Compared::Is(true);
        }
        if a.tag != b.tag || !matches!(a.tag, tag::TABLE | tag::USERDATA) {
            return Compared::Is(false);
        }
        let mut method = vm.metamethod(a, Event::Eq);
        if method.is_nil() {
            method = vm.metamethod(b, Event::Eq);
        }
        if method.is_nil() {
            Compared::Is(false)
        } else {
            Compared::Call(method)
        }
    }
}

/// `a < b` or `a <= b`, up to a metamethod.
pub(crate) unsafe fn ordered(
    vm: &mut Vm,
    event: Event,
    a: Value,
    b: Value,
) -> Result<Compared, Thrown> {
    // SAFETY: valid values.
    unsafe {
        if a.is_number() && b.is_number() {
            return Ok(Compared::Is(if event == Event::Lt {
                convert::number_lt(a, b)
            } else {
                convert::number_le(a, b)
            }));
        }
        if a.is_string() && b.is_string() {
            let (x, y) = (Str::bytes(a.as_str()), Str::bytes(b.as_str()));
            if x.len().min(y.len()) > FREE_COMPARISON {
                vm.charge(x.len().min(y.len()) as u64 / 64)?;
            }
            let order = order_bytes(x, y);
            return Ok(Compared::Is(if event == Event::Lt {
                order.is_lt()
            } else {
                order.is_le()
            }));
        }
        let mut method = vm.metamethod(a, event);
        if method.is_nil() {
            method = vm.metamethod(b, event);
        }
        if method.is_nil() {
            Err(vm.order_error(a, b))
        } else {
            Ok(Compared::Call(method))
        }
    }
}

/// Slow half of the comparisons: jumps or not, and goes on.
#[inline(never)]
pub(crate) unsafe fn compare(
    vm: &mut Vm,
    event: Event,
    a: *const Value,
    b: *const Value,
) -> Result<Flow, Thrown> {
    // SAFETY: a Lua frame is running in a comparison, whose operands these are.
    unsafe {
        if (*b).is_table()
            && (*a).payload != (*b).payload
            && let Some(method) = method_of_table(vm, event, a)
        {
            return call_method(vm, method, [a, b], std::ptr::null_mut());
        }
        let (a, b) = (*a, *b);
        let compared = if event == Event::Eq {
            equal(vm, a, b)
        } else {
            ordered(vm, event, a, b)?
        };
        match compared {
            Compared::Is(is) => {
                let frame = (*vm.th).frame;
                let instr = Instr(*Frame::current(frame));
                if is == (instr.f() != 0) {
                    (*frame).pc = (*frame).pc.add(instr.c() as usize);
                }
                Ok(Flow::Run)
            }
            Compared::Call(f) => call_method(vm, f, [&a, &b], std::ptr::null_mut()),
        }
    }
}

/// `#v`, slow half.
#[inline(never)]
pub(crate) unsafe fn len(vm: &mut Vm, v: *const Value, to: *mut Value) -> Result<Flow, Thrown> {
    // SAFETY: `v` and `to` are registers of the running frame.
    unsafe {
        if let Some(method) = method_of_table(vm, Event::Len, v)
            && (*(*v).as_table()).external == 0
        {
            return call_method(vm, method, [v, v], to);
        }
        let v = *v;
        if v.is_string() {
            *to = Value::int((*v.as_str()).len as i64);
            return Ok(Flow::Run);
        }
        let method = if v.is_table() && (*v.as_table()).external != 0 {
            vm.externals.len()
        } else {
            vm.metamethod(v, Event::Len)
        };
        if !method.is_nil() {
            return call_method(vm, method, [&v, &v], to);
        }
        if v.is_table() {
            *to = Value::int(table::border(v.as_table()) as i64);
            return Ok(Flow::Run);
        }
        Err(vm.operand_error(Event::Len, v, v))
    }
}

// ---- concatenation ---------------------------------------------------------------------------------

/// Concatenates the `n` values from `first` up; the result goes to `first`. Works from the right; a metamethod
/// interrupts it, and `aux` of the frame remembers how many values are left.
#[inline(never)]
pub(crate) unsafe fn concat(vm: &mut Vm, first: *mut Value, n: usize) -> Result<Flow, Thrown> {
    let mut n = n;
    // SAFETY: the values are registers of the running frame.
    unsafe {
        let offset = first.offset_from((*vm.th).stack);
        let mut first = first;
        while n > 1 {
            let (a, b) = (*first.add(n - 2), *first.add(n - 1));
            if !is_text(a) || !is_text(b) {
                let method = match method_of_table(vm, Event::Concat, &raw const a) {
                    Some(method) => method,
                    None => binary_method(vm, Event::Concat, a, b)?,
                };
                (*(*vm.th).frame).aux = n as u32;
                return call_method(vm, method, [&a, &b], std::ptr::null_mut());
            }
            // As many as there are strings and numbers, in one go.
            let mut from = n - 2;
            while from > 0 && is_text(*first.add(from - 1)) {
                from -= 1;
            }
            let top = first.add(n);
            (*vm.th).top = top;
            let joined = join(vm, first.add(from), n - from)?;
            first = Thread::slot(vm.th, offset as usize);
            *first.add(from) = joined;
            n = from + 1;
        }
        Ok(Flow::Run)
    }
}

#[inline(always)]
fn is_text(v: Value) -> bool {
    v.is_string() || v.is_number()
}

/// The string of `n` strings and numbers side by side; the top lies just above them.
pub(crate) unsafe fn join(vm: &mut Vm, from: *mut Value, n: usize) -> Result<Value, Thrown> {
    // SAFETY: by contract.
    unsafe {
        let mut len = 0usize;
        for i in 0..n {
            let v = *from.add(i);
            len += if v.is_string() {
                (*v.as_str()).len as usize
            } else {
                vm.debit_float_text(v);
                32
            };
        }
        if len > SHORT_JOIN {
            // Exact length: numbers have to be written to know theirs.
            len = 0;
            for i in 0..n {
                let v = *from.add(i);
                len += if v.is_string() {
                    (*v.as_str()).len as usize
                } else {
                    let mut space = [0; 32];
                    convert::number_text(v, &mut space).len()
                };
            }
            if len > crate::heap::strings::MAX_LEN {
                return Err(vm.run_error(&[b"string length overflow"]));
            }
            vm.charge(len as u64 / 64)?;
        }
        let offset = from.offset_from((*vm.th).stack);
        vm.gc_check(len + 64);
        let from = Thread::slot(vm.th, offset as usize);
        let made = if len <= SHORT_JOIN {
            // Put together on the native stack.
            let mut space = [std::mem::MaybeUninit::<u8>::uninit(); SHORT_JOIN];
            let start = space.as_mut_ptr().cast::<u8>();
            let used = write_all(start, from, n);
            vm.heap.new_string(std::slice::from_raw_parts(start, used))
        } else {
            vm.heap.new_long(len).inspect(|&s| {
                write_all(s.cast::<u8>().add(Str::BYTES), from, n);
            })
        };
        match made {
            Ok(s) => Ok(Value::string(s)),
            Err(_) => Err(vm.out_of_memory()),
        }
    }
}

/// Results up to this length are put together before they become strings.
const SHORT_JOIN: usize = 512;

/// Writes the texts of `n` values one after the other; returns their length.
unsafe fn write_all(to: *mut u8, from: *mut Value, n: usize) -> usize {
    // SAFETY: the caller has counted: there is room for all of them.
    unsafe {
        let mut used = 0;
        for i in 0..n {
            let v = *from.add(i);
            if v.is_string() {
                let s = v.as_str();
                let len = (*s).len as usize;
                copy_bytes(to.add(used), s.cast::<u8>().add(Str::BYTES), len);
                used += len;
            } else {
                let mut space = [0; 32];
                let text = convert::number_text(v, &mut space);
                copy_bytes(to.add(used), text.as_ptr(), text.len());
                used += text.len();
            }
        }
        used
    }
}
