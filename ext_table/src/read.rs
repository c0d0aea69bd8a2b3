//! From the bytes of a store to a Lua value.

use cu_vm::{Args, CellId, Native, NativeResult, Thrown, Vm};

use crate::function::{Variable, Variables};
use crate::key::{self, Key};
use crate::state::{self, Entry};
use crate::value::{self, Value};
use crate::{access, registry};

/// What stands for a library function of which nothing more is known.
static LOST: Native = Native {
    name: "ext.lost_function",
    call: lost_function,
};

fn lost_function(vm: &mut Vm, _args: Args) -> NativeResult {
    let text = vm.top();
    vm.push_bytes(b"Attempted to call deserialized C function (not supported)")?;
    Err(vm.throw(text))
}

/// Pushes the value whose encoding `bytes` is, nil if it is none. `entry` is where it was found.
pub(crate) fn push_value(vm: &mut Vm, entry: Entry<'_>, bytes: &[u8]) -> Result<(), Thrown> {
    let mut due = Vec::new();
    let done = push_with(vm, entry, bytes, &mut due).and_then(|()| fill_cells(vm, &mut due));
    if done.is_err() {
        for id in due {
            vm.spoil_cell(id);
        }
    }
    done
}

/// Reads the variables that are due. Functions among their values may have variables in their turn.
fn fill_cells(vm: &mut Vm, due: &mut Vec<CellId>) -> Result<(), Thrown> {
    while let Some(&id) = due.last() {
        let n = due.len();
        let start = vm.top();
        let mut bytes = vm.take_buffer();
        let done = push_cell(vm, id, &mut bytes, due);
        vm.drop_buffer(bytes);
        done?;
        vm.fill_cell(id, start);
        vm.set_top(start)?;
        due.remove(n - 1);
    }
    Ok(())
}

/// Pushes what the store has for a cell.
fn push_cell(
    vm: &mut Vm,
    id: CellId,
    bytes: &mut Vec<u8>,
    due: &mut Vec<CellId>,
) -> Result<(), Thrown> {
    vm.charge(4)?;
    let mut name = Vec::new();
    key::encode(Key::Integer(id.index.into()), &mut name);
    let entry = Entry {
        table: id.table,
        key: &name,
    };
    if state::get(vm, entry, bytes)? {
        push_with(vm, entry, bytes, due)
    } else {
        vm.push_nil()
    }
}

/// As [`push_value`], but the variables of functions are only listed.
fn push_with(
    vm: &mut Vm,
    entry: Entry<'_>,
    bytes: &[u8],
    due: &mut Vec<CellId>,
) -> Result<(), Thrown> {
    match value::decode(bytes) {
        None | Some(Value::Nil) => vm.push_nil(),
        Some(Value::Boolean(b)) => vm.push_bool(b),
        Some(Value::Integer(i)) => vm.push_int(i),
        Some(Value::Float(f)) => vm.push_float(f),
        Some(Value::String(bytes)) => vm.push_bytes(bytes),
        Some(Value::Table(0)) => vm.push_nil(),
        Some(Value::Table(id)) => {
            state::seen_id(vm, id)?;
            vm.push_external(id)
        }
        Some(Value::Native(registry::UNKNOWN)) => vm.push_native(&LOST),
        Some(Value::Native(index)) => {
            let name = registry::NAMES.get(usize::from(index));
            let native = match name {
                Some(name) => find_native(vm, name)?,
                None => None,
            };
            match native {
                Some(native) => vm.push_native(native),
                None => vm.push_nil(),
            }
        }
        Some(Value::NamedNative(name)) => {
            let known = std::str::from_utf8(name).unwrap_or_default();
            match find_native(vm, known)? {
                Some(native) => vm.push_native(native),
                None => Err(unreadable(
                    vm,
                    entry,
                    &[b"there is no function '", name, b"'"],
                )),
            }
        }
        Some(Value::Function(bytes)) => push_function(vm, entry, bytes, due),
        Some(Value::BigInteger(bytes)) => push_big_integer(vm, entry, bytes),
    }
}

fn push_big_integer(vm: &mut Vm, entry: Entry<'_>, bytes: &[u8]) -> Result<(), Thrown> {
    let Some(big_integers) = state::with(vm, |state| state.options.big_integers)? else {
        return Err(unreadable(
            vm,
            entry,
            &[b"large integers cannot be read here"],
        ));
    };
    if (big_integers.push)(vm, bytes)? {
        Ok(())
    } else {
        Err(unreadable(vm, entry, &[b"the large integer is damaged"]))
    }
}

fn find_native(vm: &mut Vm, name: &str) -> Result<Option<&'static Native>, Thrown> {
    if let Some(native) = access::find(name) {
        return Ok(Some(native));
    }
    state::with(vm, |state| (state.options.find)(name))
}

/// The error for an entry that is there and cannot be understood.
#[cold]
pub(crate) fn unreadable(vm: &mut Vm, entry: Entry<'_>, why: &[&[u8]]) -> Thrown {
    let mut text = b"cannot read ".to_vec();
    text.extend_from_slice(&state::table_name(vm, entry.table));
    let mut room = Vec::new();
    state::append_key(&mut text, key::decode(entry.key, &mut room));
    text.extend_from_slice(b": ");
    for part in why {
        text.extend_from_slice(part);
    }
    vm.error(&[&text])
}

/// What every binary chunk begins with.
const HEADER: &[u8] =
    b"\x1bLua\x54\x00\x19\x93\r\n\x1a\n\x04\x08\x08\x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40";

/// Whether the bytes of a function are a chunk of ours.
pub(crate) fn is_ours(bytes: &[u8]) -> bool {
    matches!(bytes.strip_prefix(HEADER), Some([_, 0, ..]))
}

/// A function: ours or one of the reference implementation's, told apart by the byte where the latter writes the
/// length of its source, which is never zero there. What has not even the header of a chunk is nil.
fn push_function(
    vm: &mut Vm,
    entry: Entry<'_>,
    bytes: &[u8],
    due: &mut Vec<CellId>,
) -> Result<(), Thrown> {
    let Some([_n_upvalues, mark, ..]) = bytes.strip_prefix(HEADER) else {
        return vm.push_nil();
    };
    if *mark != 0 {
        return push_foreign(vm, entry, bytes);
    }
    let f = vm.top();
    let Some(end) = vm.push_dumped(bytes)? else {
        let why = vm.bytes(f).unwrap_or_default().to_vec();
        return Err(unreadable(vm, entry, &[&why]));
    };
    let n = vm.lua_upvalues(f).unwrap_or(0);
    let rest = bytes.get(end..).unwrap_or_default();
    let Some(mut variables) = Variables::of(rest, n) else {
        return Err(unreadable(vm, entry, &[b"its variables make no sense"]));
    };
    if variables.is_empty() {
        return Ok(());
    }
    for n in 0..n {
        vm.charge(1)?;
        match variables.next() {
            Some(Variable::Cell(id)) if id.table != 0 => {
                if due.try_reserve(1).is_err() {
                    return Err(vm.out_of_memory());
                }
                if vm.bind_cell(f, n, id)? {
                    due.push(id);
                }
                continue;
            }
            Some(Variable::Globals) => vm.push_globals()?,
            Some(Variable::Library(name)) => push_library(vm, name)?,
            Some(Variable::Value(bytes))
                if !matches!(value::decode(bytes), Some(Value::Function(_))) =>
            {
                push_with(vm, entry, bytes, due)?;
            }
            Some(Variable::Value(_) | Variable::Cell(_)) | None => {
                return Err(unreadable(vm, entry, &[b"its variables make no sense"]));
            }
        }
        vm.set_upvalue_of(f, i64::from(n) + 1, f.offset(1));
        vm.pop(1);
    }
    Ok(())
}

/// A function that PUC Lua has written, as the original module stored it: without the values of its variables.
fn push_foreign(vm: &mut Vm, entry: Entry<'_>, bytes: &[u8]) -> Result<(), Thrown> {
    match vm.load_puc(bytes)? {
        Ok(()) => Ok(()),
        Err(problem) => Err(unreadable(vm, entry, &[&problem.message()])),
    }
}

/// Pushes the table of a library, or nil.
fn push_library(vm: &mut Vm, name: &[u8]) -> Result<(), Thrown> {
    let start = vm.top();
    vm.push_registry()?;
    vm.raw_get_name(start, b"_LOADED")?;
    vm.raw_get_name(start.offset(1), name)?;
    vm.copy(start.offset(2), start);
    vm.set_top(start.offset(1))
}
