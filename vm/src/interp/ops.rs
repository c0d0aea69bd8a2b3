//! The halves of instructions that the loop does not do in line: constructors, closures, loops' beginnings, scopes'
//! ends, varargs, tail calls.
//!
//! Each takes what the instruction names and leaves its result where the instruction says; the stack may have
//! moved afterwards, so the loop reloads its base.

use super::call::{self, Flow};
use super::meta_call::FREE_COMPARISON;
use crate::Vm;
use crate::convert;
use crate::heap::object::*;
use crate::heap::strings::order_bytes;
use crate::meta::Event;
use crate::native::Thrown;
use crate::number::*;
use crate::table;
use crate::thread::{self, frame_flag};
use crate::value::{self, Value, tag};

/// `a % b` of operands without a sign; the loop has seen that `b` is not zero.
#[inline(always)]
pub(super) fn modulo_of_u32(a: u32, b: u32) -> u32 {
    a.checked_rem(b).unwrap_or(0)
}

/// `a // b` likewise.
#[inline(always)]
pub(super) fn quotient_of_u32(a: u32, b: u32) -> u32 {
    a.checked_div(b).unwrap_or(0)
}

/// `a % b` of any integers: out of the loop, because it is long.
#[inline(never)]
pub(super) fn modulo(a: i64, b: i64) -> i64 {
    int_mod(a, b)
}

/// `a // b` likewise.
#[inline(never)]
pub(super) fn floor_div(a: i64, b: i64) -> i64 {
    int_floor_div(a, b)
}

/// The answer of [`equal_plainly`] and [`order_plainly`] where the general form has to see to it.
pub(super) const OTHERWISE: u8 = 2;

/// Whether two values are equal: 0 or 1, where no metamethod can have a say and nothing is to be charged for.
#[inline(never)]
pub(super) unsafe fn equal_plainly(a: *const Value, b: *const Value) -> u8 {
    // SAFETY: valid values.
    unsafe {
        let (a, b) = (*a, *b);
        let has_say = |t: *mut Table| {
            let meta = (*t).meta;
            !meta.is_null() && (*meta).absent & 1 << Event::Eq as u32 == 0
        };
        if !matches!(a.tag, tag::STRING | tag::TABLE | tag::USERDATA) {
            return convert::raw_equal(a, b) as u8;
        }
        if a.is_table() && b.is_table() && a.payload != b.payload {
            return if has_say(a.as_table()) || has_say(b.as_table()) {
                OTHERWISE
            } else {
                0
            };
        }
        OTHERWISE
    }
}

/// Whether `a < b`, or `a <= b` for [`Event::Le`]; as [`equal_plainly`].
#[inline(never)]
pub(super) unsafe fn order_plainly(a: *const Value, b: *const Value, event: Event) -> u8 {
    // SAFETY: valid values.
    unsafe {
        let (a, b) = (*a, *b);
        if a.is_string() && b.is_string() {
            let (a, b) = (Str::bytes(a.as_str()), Str::bytes(b.as_str()));
            if a.len().min(b.len()) > FREE_COMPARISON {
                return OTHERWISE;
            }
            let order = order_bytes(a, b);
            return match event {
                Event::Lt => order.is_lt() as u8,
                _ => order.is_le() as u8,
            };
        }
        if a.is_number() && b.is_number() {
            return match event {
                Event::Lt => convert::number_lt(a, b) as u8,
                _ => convert::number_le(a, b) as u8,
            };
        }
        OTHERWISE
    }
}

/// A step of `next` over a plain table, for a generic loop: the entry after that of the control variable goes to
/// the loop's variables. False when the position is not known.
///
/// The position rides along in the padding of the control variable: `tfor_prep` writes it first, and stores of values
/// leave it alone.
#[inline(never)]
pub(super) unsafe fn next_entry(t: *mut Table, control: *mut Value) -> bool {
    // SAFETY: the window of `tfor_call`; positions are checked against the sizes of both parts.
    unsafe {
        if (*t).external != 0 {
            return false;
        }
        let mut index = 0;
        if (*control).tag != tag::NIL {
            index = *value::padding(control) as usize;
            if !position_holds(t, index, control) {
                return false;
            }
        }
        let (key, value) = (control.add(2), control.add(3));
        let len = (*t).len as usize;
        while index < len {
            let slot = Table::slot(t, index);
            index += 1;
            if (*slot).tag != tag::NIL {
                *value::padding(control) = index as u32;
                (*key).payload = index as u64;
                (*key).tag = tag::INTEGER;
                value::assign(value, slot);
                return true;
            }
        }
        let n = (*t).node_bytes as usize / size_of::<Node>();
        while index - len < n {
            let node = Table::node(t, index - len);
            index += 1;
            if (*node).tag != tag::NIL {
                *value::padding(control) = index as u32;
                (*key).payload = (*node).key_payload;
                (*key).tag = (*node).key_tag;
                (*value).payload = (*node).payload;
                (*value).tag = (*node).tag;
                return true;
            }
        }
        *key = Value::NIL;
        true
    }
}

/// Whether a traversal that stands on `key` has its position right: the entry before `index` is that key's.
#[inline(always)]
unsafe fn position_holds(t: *mut Table, index: usize, key: *const Value) -> bool {
    // SAFETY: positions are checked against the sizes of both parts.
    unsafe {
        let len = (*t).len as usize;
        if index == 0 {
            return false;
        }
        if index <= len {
            return (*key).is_int() && (*key).payload == index as u64;
        }
        let at = index - 1 - len;
        if at >= (*t).node_bytes as usize / size_of::<Node>() {
            return false;
        }
        let node = Table::node(t, at);
        (*node).key_tag == (*key).tag && (*node).key_payload == (*key).payload
    }
}

#[inline(never)]
pub(super) unsafe fn new_table(
    vm: &mut Vm,
    array: u32,
    hash: u32,
    to: usize,
) -> Result<(), Thrown> {
    // SAFETY: `to` is a register of the running frame; the top lies there.
    unsafe {
        vm.gc_check(size_of::<Table>() + array as usize * 16 + hash as usize * 32);
        let made = vm.heap.new_table().and_then(|t| {
            if array | hash != 0 {
                table::reserve(&mut vm.heap, t, array, hash)?;
            }
            Ok(t)
        });
        match made {
            Ok(t) => {
                *(*(*vm.th).frame).base.byte_add(to) = Value::table(t);
                Ok(())
            }
            Err(_) => Err(vm.out_of_memory()),
        }
    }
}

#[inline(never)]
pub(super) unsafe fn set_list(
    vm: &mut Vm,
    at: *mut Value,
    n: usize,
    start: u32,
) -> Result<(), Thrown> {
    // SAFETY: the window of the instruction.
    unsafe {
        if !(*at).is_table() {
            // Only a chunk that no compiler made: the register has been overwritten since `new_table`.
            return Err(vm.run_error(&[b"attempt to index a value that is no table"]));
        }
        let t = (*at).as_table();
        let needed = start as usize + n;
        if needed > (*t).cap as usize && needed <= u32::MAX as usize {
            let wanted = if start == 0 {
                needed
            } else {
                needed.max((*t).cap as usize * 2)
            };
            if table::reserve(&mut vm.heap, t, wanted as u32, 0).is_err() {
                return Err(vm.out_of_memory());
            }
        }
        vm.charge(n as u64 / 8)?;
        for j in 0..n {
            let v = *at.add(1 + j);
            let key = start as usize + j;
            if (*t).len as usize == key && key < (*t).cap as usize {
                // Nils keep their place for now: what follows shall be found in the array part too.
                *Table::slot(t, key) = v;
                (*t).len += 1;
            } else if let Err(e) = table::set(&mut vm.heap, t, Value::int(key as i64 + 1), v) {
                return Err(vm.set_error(e));
            }
            vm.barrier_table(t, v);
        }
        Ok(())
    }
}

#[inline(never)]
pub(super) unsafe fn new_closure(vm: &mut Vm, proto: *mut Proto, to: usize) -> Result<(), Thrown> {
    // SAFETY: `to` is a register of the running frame; the top lies there. The verifier has bounded the
    // descriptions of upvalues.
    unsafe {
        let n = (*proto).n_upvals as usize;
        vm.gc_check(Closure::size(n) + n * size_of::<Upval>());
        let th = vm.th;
        let frame = (*th).frame;
        let base = (*frame).base;
        let parent = (*frame).closure;
        let Ok(closure) = vm.heap.new_closure(proto) else {
            return Err(vm.out_of_memory());
        };
        for j in 0..n {
            let desc = &*Proto::upval(proto, j);
            let upval = if desc.in_stack {
                match thread::find_upval(&mut vm.heap, th, base.add(desc.index as usize)) {
                    Ok(upval) => upval,
                    Err(_) => return Err(vm.out_of_memory()),
                }
            } else {
                *Closure::upval(parent, desc.index as usize)
            };
            Closure::upval(closure, j).write(upval);
        }
        // Only now: a message handler sees the registers.
        *base.byte_add(to) = Value::closure(closure);
        Ok(())
    }
}

/// Marks a slot as to be closed; nil and false need no closing.
#[inline(never)]
pub(super) unsafe fn mark_tbc(vm: &mut Vm, slot: *mut Value) -> Result<(), Thrown> {
    // SAFETY: a register of the running frame.
    unsafe {
        if (*slot).is_falsy() {
            return Ok(());
        }
        if vm.metamethod(*slot, Event::Close).is_nil() {
            let frame = (*vm.th).frame;
            let proto = (*(*frame).closure).proto;
            let register = slot.offset_from((*frame).base) as usize;
            let name = crate::debug::local_name(proto, register, (*frame).current_pc() + 1)
                .or_else(|| crate::debug::local_name(proto, register, (*frame).current_pc()))
                .unwrap_or_else(|| b"?".to_vec());
            return Err(vm.run_error(&[b"variable '", &name, b"' got a non-closable value"]));
        }
        // Code that nobody compiled may mark any register. What unwinds the stack relies on the order.
        if thread::last_tbc(vm.th).is_some_and(|last| last >= slot) {
            return Err(vm.run_error(&[b"variables are to be closed out of order"]));
        }
        thread::push_tbc(&mut vm.heap, vm.th, slot).map_err(|_| vm.out_of_memory())
    }
}

/// Calls the `__close` method of a variable that goes out of scope normally. Afterwards the instruction that
/// closes (`close`, `return`) runs again.
#[inline(never)]
pub(super) unsafe fn close_variable(vm: &mut Vm, slot: *mut Value) -> Result<Flow, Thrown> {
    // SAFETY: a register of the running frame, whose registers and results lie below `func`.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let value = *slot;
        let method = vm.metamethod(value, Event::Close);
        let limit = (*frame)
            .base
            .add((*(*(*frame).closure).proto).max_stack as usize);
        let returning = (*frame).flags & frame_flag::RETURNING != 0;
        let func = if returning && (*th).top > limit {
            (*th).top
        } else {
            limit
        };
        let offset = func.offset_from((*th).stack);
        call::ensure_stack(vm, func, 8)?;
        let th = vm.th;
        let func = Thread::slot(th, offset as usize);
        *func = if method.is_nil() { value } else { method };
        *func.add(1) = value;
        *func.add(2) = Value::NIL;
        (*th).top = func.add(3);
        call::call_charged(vm, func, 2, 0, frame_flag::FINISH)
    }
}

/// Prepares a numerical loop; true when it does not run at all.
#[inline(never)]
pub(super) unsafe fn for_prep(vm: &mut Vm, at: *mut Value) -> Result<bool, Thrown> {
    // SAFETY: the window of the instruction.
    unsafe {
        let (init, limit, step) = (*at, *at.add(1), *at.add(2));
        if init.is_int() && step.is_int() {
            let (init, step) = (init.as_int(), step.as_int());
            if step == 0 {
                return Err(vm.run_error(&[b"'for' step is zero"]));
            }
            let limit = if limit.is_int() {
                limit.as_int()
            } else {
                match for_limit(vm, limit, step)? {
                    Some(limit) => limit,
                    None => return Ok(true),
                }
            };
            if if step > 0 { init > limit } else { init < limit } {
                return Ok(true);
            }
            let distance = if step > 0 {
                (limit as u64).wrapping_sub(init as u64)
            } else {
                (init as u64).wrapping_sub(limit as u64)
            };
            let count = match step {
                1 => distance,
                _ => distance / step.unsigned_abs(),
            };
            *at.add(1) = Value::new(tag::INTEGER, count);
            *at.add(3) = Value::int(init);
            return Ok(false);
        }
        let limit = for_number(vm, limit, b"limit")?;
        let step = for_number(vm, step, b"step")?;
        let init = for_number(vm, init, b"initial value")?;
        let (init, limit, step) = (
            init.number_as_float(),
            limit.number_as_float(),
            step.number_as_float(),
        );
        if step == 0.0 {
            return Err(vm.run_error(&[b"'for' step is zero"]));
        }
        if if step > 0.0 {
            limit < init
        } else {
            init < limit
        } {
            return Ok(true);
        }
        *at = Value::float(init);
        *at.add(1) = Value::float(limit);
        *at.add(2) = Value::float(step);
        *at.add(3) = Value::float(init);
        Ok(false)
    }
}

/// Number that a value of a loop stands for; `what` says which value it is.
fn for_number(vm: &mut Vm, v: Value, what: &[u8]) -> Result<Value, Thrown> {
    vm.debit_reading(v, crate::api::NUMERAL_BYTES);
    match convert::to_number(v) {
        Some(v) => Ok(v),
        None => {
            let name = vm.value_type_name(v);
            Err(vm.run_error(&[b"bad 'for' ", what, b" (number expected, got ", &name, b")"]))
        }
    }
}

/// Clips the limit of an integer loop to the integers; `None` when the loop does not run.
pub(super) unsafe fn for_limit(
    vm: &mut Vm,
    limit: Value,
    step: i64,
) -> Result<Option<i64>, Thrown> {
    let limit = for_number(vm, limit, b"limit")?;
    if limit.is_int() {
        return Ok(Some(limit.as_int()));
    }
    let f = limit.as_float();
    let rounded = if step > 0 { f.floor() } else { f.ceil() };
    if let Some(i) = float_to_int_exact(rounded) {
        return Ok(Some(i));
    }
    // Beyond one end of the integers; NaN counts as the lower one, as in PUC Lua.
    Ok(if f > 0.0 {
        if step < 0 { None } else { Some(i64::MAX) }
    } else if step > 0 {
        None
    } else {
        Some(i64::MIN)
    })
}

/// Moves a vararg function's frame above its extra arguments.
#[inline(never)]
pub(super) unsafe fn vararg_prep(vm: &mut Vm, n_params: usize) -> Result<(), Thrown> {
    // SAFETY: the first instruction of a function with `n_params` parameters; `n_args` arguments lie at the base.
    unsafe {
        let th = vm.th;
        let frame = (*th).frame;
        let n_args = (*frame).n_args as usize;
        let extra = n_args.saturating_sub(n_params);
        (*frame).n_args = extra as u32;
        if extra == 0 {
            return Ok(());
        }
        let max_stack = (*(*(*frame).closure).proto).max_stack as usize;
        let base = (*frame).base;
        call::ensure_stack(vm, base, n_args + 1 + max_stack + 2)?;
        let frame = (*vm.th).frame;
        let base = (*frame).base;
        // function, parameters, extra  ->  function, (parameters), extra, function, parameters
        // The extra arguments must lie directly below the new function slot.
        let new_func = base.add(n_args);
        value::assign(new_func, base.sub(1));
        new_func.add(1).copy_from_nonoverlapping(base, n_params);
        for j in 0..n_params {
            *base.add(j) = Value::NIL;
        }
        (*frame).base = new_func.add(1);
        Ok(())
    }
}

/// A call in place of the running frame.
pub(super) unsafe fn tail_call(
    vm: &mut Vm,
    func: *mut Value,
    n_args: usize,
) -> Result<Flow, Thrown> {
    // SAFETY: the window of the instruction.
    unsafe {
        let th = vm.th;
        (*th).top = func.add(n_args + 1);
        let (mut func, mut n_args) = (func, n_args);
        if !(*func).is_function() {
            (func, n_args) = call::insert_call_metamethods(vm, func, n_args)?;
        }
        if (*func).tag != tag::CLOSURE {
            // As the loop does it.
            return call::call_value(vm, func, n_args, -1, 0);
        }
        let frame = (*th).frame;
        let slot = call::function_slot(frame);
        let to = (*frame).ret.offset_from((*th).stack);
        let (n_results, flags) = ((*frame).n_results, (*frame).flags);
        slot.copy_from(func, n_args + 1);
        (*th).top = slot.add(n_args + 1);
        (*th).frame = frame.sub(1);
        let flags = flags & frame_flag::SLOW_RETURN | frame_flag::TAIL;
        match call::push_lua(vm, slot, n_args, n_results, flags) {
            Ok(()) => {
                (*(*vm.th).frame).ret = Thread::slot(vm.th, to as usize);
                Ok(Flow::Run)
            }
            Err(e) => {
                // Keep the frame that cannot be replaced, so that the error has a place and an entry.
                (*vm.th).frame = (*vm.th).frame.add(1);
                Err(e)
            }
        }
    }
}
