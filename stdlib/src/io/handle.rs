//! What a file is to Lua: a userdata of eight bytes with a metatable.
//!
//! ```text
//!   byte   0 1 2 3   4      5 6 7
//!          number    kind   "FIL"
//! ```
//!
//! The mark tells files from other userdata. Only this library makes such userdata, and programs cannot write to
//! them, so a number in one that is not closed is always a file the host has open. A handle is made closed and
//! gets its number when the file is open, so no file is lost when there is no memory for the handle.

use cu_vm::{Args, FileId, NativeResult, Outcome, Slot, Thrown, Vm};

use crate::answer;

/// The type's name, which is also its metatable's place in the registry.
pub const TYPE_NAME: &[u8] = b"FILE*";

const MARK: &[u8; 3] = b"FIL";

/// What is behind a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing any more.
    Closed,
    /// A file.
    File,
    /// A pipe to or from a process.
    Process,
    /// A standard stream, which is never closed.
    Standard,
}

const KINDS: [Kind; 4] = [Kind::Closed, Kind::File, Kind::Process, Kind::Standard];

/// Pushes a closed handle.
pub fn push_new(vm: &mut Vm) -> Result<Slot, Thrown> {
    let file = vm.top();
    vm.push_userdata(8, 0)?;
    if let Some([_, _, _, _, _, mark @ ..]) = vm.userdata_bytes_mut(file) {
        mark.copy_from_slice(MARK);
    }
    let registry = vm.top();
    vm.push_registry()?;
    vm.raw_get_name(registry, TYPE_NAME)?;
    vm.set_metatable(file, registry.offset(1))?;
    vm.pop(2);
    Ok(file)
}

/// The handle stands for this file from now on.
pub fn set(vm: &mut Vm, file: Slot, id: FileId, kind: Kind) {
    if let Some(bytes) = vm.userdata_bytes_mut(file)
        && let Some((number, rest)) = bytes.split_first_chunk_mut::<4>()
        && let Some(place) = rest.first_mut()
    {
        *number = id.0.to_le_bytes();
        *place = KINDS.iter().position(|k| *k == kind).unwrap_or(0) as u8;
    }
}

fn parts(vm: &Vm, file: Slot) -> Option<(FileId, Kind)> {
    match vm.userdata_bytes(file)? {
        [a, b, c, d, kind, mark @ ..] if mark == MARK => {
            let kind = KINDS.get(usize::from(*kind)).copied()?;
            Some((FileId(u32::from_le_bytes([*a, *b, *c, *d])), kind))
        }
        _ => None,
    }
}

/// What is behind a value, if it is a handle.
pub fn kind(vm: &Vm, value: Slot) -> Option<Kind> {
    parts(vm, value).map(|(_, kind)| kind)
}

/// The host's number of an open file.
pub fn open_id(vm: &Vm, file: Slot) -> Option<FileId> {
    parts(vm, file)
        .filter(|(_, kind)| *kind != Kind::Closed)
        .map(|(id, _)| id)
}

/// An argument that must be a handle, open or not.
pub fn check(vm: &mut Vm, args: Args, i: u32) -> Result<Slot, Thrown> {
    let slot = args.slot(i);
    if parts(vm, slot).is_some() {
        Ok(slot)
    } else {
        Err(vm.type_error(args, i, "FILE*"))
    }
}

/// An argument that must be an open file.
pub fn check_open(vm: &mut Vm, args: Args, i: u32) -> Result<FileId, Thrown> {
    let slot = check(vm, args, i)?;
    match open_id(vm, slot) {
        Some(id) => Ok(id),
        None => Err(closed(vm)),
    }
}

/// The error for a handle that is closed.
#[cold]
pub fn closed(vm: &mut Vm) -> Thrown {
    vm.error(&[b"attempt to use a closed file"])
}

/// Closes the open file in `file` and answers what `file:close` does.
pub fn close(vm: &mut Vm, file: Slot) -> NativeResult {
    let (id, kind) = parts(vm, file).unwrap_or((FileId::STDIN, Kind::Closed));
    if kind == Kind::Standard {
        vm.push_nil()?;
        vm.push_bytes(b"cannot close standard file")?;
        return Ok(Outcome::results(2));
    }
    set(vm, file, id, Kind::Closed);
    match vm.with_files(|host| host.close(id)) {
        Ok(Some(end)) if kind == Kind::Process => answer::process_end(vm, end),
        result => answer::done(vm, result.map(|_| ()), b""),
    }
}
