//! What the bridge keeps in the machine's registry: the values that JavaScript holds, and the coroutines of runs.
//!
//! Keys are negative integers, which no library uses.
//!
//! | key | what |
//! |---|---|
//! | `REFS` | number → value that JavaScript holds |
//! | `IDS` | value → its number, and functions of JavaScript → minus their number (weak keys) |
//! | `HOST_VALUES` | number → the one value in Lua for a function or object of JavaScript (weak values) |
//! | `ANCHOR_META`, `OBJECT_META` | metatables |
//! | below `RUNNERS` | the coroutine of a run |

use cu_vm::{Slot, Thrown, View, Vm};

use crate::bridge::host;
use crate::natives;

const REFS: i64 = -1;
const IDS: i64 = -2;
const HOST_VALUES: i64 = -3;
const ANCHOR_META: i64 = -4;
const OBJECT_META: i64 = -5;
const RUNNERS: i64 = -1000;

/// Makes the tables.
pub fn open(vm: &mut Vm) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    let value = vm.top();
    for (key, mode) in [(REFS, None), (IDS, Some(b"k")), (HOST_VALUES, Some(b"v"))] {
        vm.push_table(0, 0)?;
        if let Some(mode) = mode {
            vm.push_table(0, 1)?;
            vm.push_bytes(mode)?;
            vm.raw_set_name(value.offset(1), b"__mode", value.offset(2))?;
            vm.set_metatable(value, value.offset(1))?;
        }
        vm.raw_set_int(registry, key, value)?;
        vm.set_top(value)?;
    }
    vm.push_table(0, 1)?;
    vm.push_native(&natives::ANCHOR_GC)?;
    vm.raw_set_name(value, b"__gc", value.offset(1))?;
    vm.raw_set_int(registry, ANCHOR_META, value)?;
    vm.set_top(value)?;
    vm.push_table(0, 12)?;
    for native in &natives::OBJECT_METHODS {
        vm.push_native(native)?;
        vm.raw_set_name(value, native.short_name(), value.offset(1))?;
        vm.pop(1);
    }
    vm.push_bytes(b"JavaScript object")?;
    vm.raw_set_name(value, b"__name", value.offset(1))?;
    // `getmetatable` shows this instead.
    vm.raw_set_name(value, b"__metatable", value.offset(1))?;
    vm.raw_set_int(registry, OBJECT_META, value)?;
    vm.set_top(registry)
}

fn push(vm: &mut Vm, key: i64) -> Result<Slot, Thrown> {
    let slot = vm.top();
    vm.push_registry()?;
    vm.raw_get_int(slot, key)?;
    vm.remove(slot);
    Ok(slot)
}

/// What `IDS` says of the value in `slot`: above 0 a number in `REFS`, below a function of JavaScript's, 0 nothing.
pub fn id_of(vm: &mut Vm, slot: Slot) -> Result<i64, Thrown> {
    let ids = push(vm, IDS)?;
    vm.raw_get(ids, slot)?;
    let id = match vm.view(ids.offset(1)) {
        View::Integer(id) => id,
        _ => 0,
    };
    vm.set_top(ids)?;
    Ok(id)
}

/// Number under which JavaScript can name the value in `slot`, which is kept until it is released.
pub fn hold(vm: &mut Vm, slot: Slot) -> Result<u32, Thrown> {
    let known = id_of(vm, slot)?;
    if known > 0 {
        return Ok(known as u32);
    }
    let books = &mut host(vm).books;
    let id = match books.free_refs.pop() {
        Some(id) => id,
        None => {
            books.n_refs += 1;
            books.n_refs
        }
    };
    let refs = push(vm, REFS)?;
    vm.raw_set_int(refs, i64::from(id), slot)?;
    let ids = push(vm, IDS)?;
    vm.push_int(i64::from(id))?;
    vm.raw_set(ids, slot, ids.offset(1))?;
    vm.set_top(refs)?;
    Ok(id)
}

/// Pushes the value that JavaScript holds under this number.
pub fn push_held(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let refs = push(vm, REFS)?;
    vm.raw_get_int(refs, i64::from(id))?;
    vm.remove(refs);
    Ok(())
}

/// JavaScript does not hold it any more.
pub fn release(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let refs = push(vm, REFS)?;
    let value = refs.offset(1);
    vm.raw_get_int(refs, i64::from(id))?;
    if !vm.is_none_or_nil(value) {
        vm.push_nil()?;
        vm.raw_set_int(refs, i64::from(id), value.offset(1))?;
        let ids = push(vm, IDS)?;
        vm.raw_set(ids, value, value.offset(1))?;
        host(vm).books.free_refs.push(id);
    }
    vm.set_top(refs)
}

/// Pushes the function of JavaScript with this number: always the same one while Lua has it.
pub fn push_host_function(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let values = push(vm, HOST_VALUES)?;
    let value = values.offset(1);
    vm.raw_get_int(values, i64::from(id))?;
    if vm.is_none_or_nil(value) {
        vm.pop(1);
        vm.push_int(i64::from(id))?;
        push_anchor(vm, id, ANCHOR_META)?;
        vm.push_native_closure(&natives::HOST_FUNCTION, 2)?;
        vm.raw_set_int(values, i64::from(id), value)?;
        let ids = push(vm, IDS)?;
        vm.push_int(-i64::from(id))?;
        vm.raw_set(ids, value, ids.offset(1))?;
        vm.set_top(ids)?;
    }
    vm.remove(values);
    Ok(())
}

/// Pushes the object of JavaScript with this number: always the same userdata while Lua has it.
pub fn push_host_object(vm: &mut Vm, id: u32) -> Result<(), Thrown> {
    let values = push(vm, HOST_VALUES)?;
    let value = values.offset(1);
    vm.raw_get_int(values, i64::from(id))?;
    if vm.is_none_or_nil(value) {
        vm.pop(1);
        push_anchor(vm, id, OBJECT_META)?;
        vm.raw_set_int(values, i64::from(id), value)?;
    }
    vm.remove(values);
    Ok(())
}

/// Pushes a userdata that tells JavaScript when it is collected.
fn push_anchor(vm: &mut Vm, id: u32, meta: i64) -> Result<(), Thrown> {
    let anchor = vm.top();
    vm.push_userdata(4, 0)?;
    let meta = push(vm, meta)?;
    if let Some(bytes) = vm.userdata_bytes_mut(anchor) {
        bytes.copy_from_slice(&id.to_le_bytes());
    }
    *host(vm).books.n_anchors.entry(id).or_insert(0) += 1;
    vm.set_metatable(anchor, meta)?;
    vm.set_top(meta)
}

/// Number of the object of JavaScript in `slot`, if it is one.
pub fn host_object(vm: &mut Vm, slot: Slot) -> Result<Option<u32>, Thrown> {
    let top = vm.top();
    let mut is = false;
    if vm.push_metatable(slot)? {
        let meta = push(vm, OBJECT_META)?;
        is = vm.raw_equal(top, meta);
        vm.set_top(top)?;
    }
    Ok(if is { anchor_id(vm, slot) } else { None })
}

/// The number in an anchor.
pub fn anchor_id(vm: &Vm, slot: Slot) -> Option<u32> {
    let bytes = vm.userdata_bytes(slot)?;
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// Pushes a coroutine for runs, and says which.
pub fn push_runner(vm: &mut Vm) -> Result<u32, Thrown> {
    let books = &mut host(vm).books;
    let i = match books.free_runners.pop() {
        Some(i) => i,
        None => {
            books.n_runners += 1;
            books.n_runners - 1
        }
    };
    match push_runner_of(vm, i) {
        Ok(()) => Ok(i),
        Err(thrown) => {
            host(vm).books.free_runners.push(i);
            Err(thrown)
        }
    }
}

fn push_runner_of(vm: &mut Vm, i: u32) -> Result<(), Thrown> {
    let registry = vm.top();
    let runner = registry.offset(1);
    push_waiting_runner(vm, i)?;
    if vm.is_none_or_nil(registry) {
        vm.push_native(&natives::RUNNER)?;
        vm.push_new_thread(runner)?;
        vm.push_registry()?;
        vm.raw_set_int(runner.offset(2), RUNNERS - i64::from(i), runner.offset(1))?;
        vm.copy(runner.offset(1), registry);
        vm.set_top(runner)?;
    }
    Ok(())
}

/// Pushes the coroutine of a run that waits.
pub fn push_waiting_runner(vm: &mut Vm, i: u32) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    vm.raw_get_int(registry, RUNNERS - i64::from(i))?;
    vm.remove(registry);
    Ok(())
}

/// A run has ended; a coroutine that is `dead` or given up is thrown away. That takes no memory.
pub fn drop_runner(vm: &mut Vm, i: u32, dead: bool) -> Result<(), Thrown> {
    if dead {
        let registry = vm.top();
        vm.push_registry()?;
        vm.push_nil()?;
        vm.raw_set_int(registry, RUNNERS - i64::from(i), registry.offset(1))?;
        vm.set_top(registry)?;
    }
    host(vm).books.free_runners.push(i);
    Ok(())
}
