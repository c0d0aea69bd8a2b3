//! `string.lower`, `string.upper` and `string.reverse`: a byte for a byte.

use cu_vm::{Args, NativeResult, Outcome, Vm};

use crate::args::{self, append_slot, build};

/// `string.lower(s)`
pub fn lower(vm: &mut Vm, args: Args) -> NativeResult {
    transform(vm, args, |bytes| bytes.make_ascii_lowercase())
}

/// `string.upper(s)`
pub fn upper(vm: &mut Vm, args: Args) -> NativeResult {
    transform(vm, args, |bytes| bytes.make_ascii_uppercase())
}

/// `string.reverse(s)`
pub fn reverse(vm: &mut Vm, args: Args) -> NativeResult {
    transform(vm, args, |bytes| bytes.reverse())
}

fn transform(vm: &mut Vm, args: Args, change: fn(&mut [u8])) -> NativeResult {
    let slot = args::string(vm, args, 0)?;
    build(vm, |vm, buffer| {
        append_slot(vm, buffer, slot)?;
        change(buffer);
        Ok(())
    })?;
    Ok(Outcome::results(1))
}
