//! From the bytes of a store to a Lua value.

use cu_vm::{Args, Native, NativeResult, Thrown, Vm};

use crate::state::{self, Entry};
use crate::value::{self, Value};
use crate::{access, key, registry};

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
        Some(Value::Function(bytes)) => push_function(vm, entry, bytes),
        Some(Value::BigInteger(_)) => Err(unreadable(
            vm,
            entry,
            &[b"large integers cannot be read here"],
        )),
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

/// A function: ours or one of the reference implementation's, told apart by the byte where the latter writes the
/// length of its source, which is never zero there. What has not even the header of a chunk is nil.
fn push_function(vm: &mut Vm, entry: Entry<'_>, bytes: &[u8]) -> Result<(), Thrown> {
    let Some([_n_upvalues, mark, ..]) = bytes.strip_prefix(HEADER) else {
        return vm.push_nil();
    };
    if *mark != 0 {
        let foreign = state::with(vm, |state| state.options.foreign_function)?;
        let reason = vm.top();
        return match foreign {
            None => Err(unreadable(
                vm,
                entry,
                &[b"its bytecode is that of another machine"],
            )),
            Some(push) if push(vm, bytes)? => Ok(()),
            Some(_) => {
                let why = vm.bytes(reason).unwrap_or_default().to_vec();
                Err(unreadable(vm, entry, &[&why]))
            }
        };
    }
    let reason = vm.top();
    if vm.load_bytes(bytes, b"=stored function", b"b")? {
        return Ok(());
    }
    let why = vm.bytes(reason).unwrap_or_default().to_vec();
    Err(unreadable(vm, entry, &[&why]))
}
