//! Numbers to text and back, in bases from 2 to 36.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, View, Vm};

use super::{Arithmetic, cost, value};
use crate::args::{self, build, copy_out};

/// `bigint.new(string [, base])`, `bigint.new(integer)`
pub fn new<A: Arithmetic>(vm: &mut Vm, args: Args) -> NativeResult {
    match vm.view(args.slot(0)) {
        View::Integer(_) | View::Float(_) => {
            let n = args::int(vm, args, 0)?;
            value::push_integer::<A>(vm, n)?;
        }
        View::String(_) => {
            let base = base(vm, args)?;
            let text = copy_out(vm, args.slot(0))?;
            let mut digits = vm.take_buffer();
            let read = read_text::<A>(vm, &text, base, &mut digits);
            vm.drop_buffer(text);
            vm.drop_buffer(digits);
            if !read? {
                return Err(vm.error(&[b"failed to create bigint"]));
            }
        }
        _ => {
            let found = vm.type_name(args.slot(0));
            return Err(vm.error(&[b"bigint.new expects string or number, got ", &found]));
        }
    }
    Ok(Outcome::results(1))
}

/// The base in argument 1, 10 if there is none.
fn base(vm: &mut Vm, args: Args) -> Result<u32, Thrown> {
    match u32::try_from(args::opt_int(vm, args, 1, 10)?) {
        Ok(base @ 2..=36) => Ok(base),
        _ => Err(vm.error(&[b"base must be between 2 and 36"])),
    }
}

/// Pushes the number that a text stands for; `false`, and nothing pushed, if it stands for none. The empty text is 0;
/// `digits` is a buffer to use.
fn read_text<A: Arithmetic>(
    vm: &mut Vm,
    text: &[u8],
    base: u32,
    digits: &mut Vec<u8>,
) -> Result<bool, Thrown> {
    let (is_negative, unsigned) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    vm.reserve(digits, unsigned.len())?;
    vm.charge(unsigned.len() as u64)?;
    let mut has_digit = text.is_empty();
    for byte in unsigned.iter().filter(|byte| **byte != b'_') {
        match char::from(*byte).to_digit(base) {
            // Leading zeros are no work.
            Some(0) if digits.is_empty() => has_digit = true,
            // A digit is below 36.
            Some(digit) => digits.push(digit as u8),
            None => return Ok(false),
        }
    }
    if digits.is_empty() {
        if has_digit {
            value::push_integer::<A>(vm, 0)?;
        }
        return Ok(has_digit);
    }
    let n = digits.len() as u64;
    let bits = u64::from(u32::BITS - (base - 1).leading_zeros());
    cost::prepare(vm, cost::of_reading(n, bits), cost::room_of_reading(n))?;
    let room = cost::bytes(n * bits);
    A::read(vm, is_negative, digits, base, room)?;
    Ok(true)
}

/// `x:tostring([base])` and `tostring(x)`
pub fn tostring<A: Arithmetic>(vm: &mut Vm, args: Args) -> NativeResult {
    value::check(vm, args, 0)?;
    let base = base(vm, args)?;
    push_text::<A>(vm, args.slot(0), base)?;
    Ok(Outcome::results(1))
}

/// Pushes the text of the big integer in `slot`.
pub fn push_text<A: Arithmetic>(vm: &mut Vm, slot: Slot, base: u32) -> Result<(), Thrown> {
    let (_, magnitude) = value::parts(vm, slot).unwrap_or_default();
    let n = cost::limbs(magnitude.len());
    cost::prepare(vm, cost::of_writing(n), cost::room_of_writing(n))?;
    build(vm, |vm, text| A::write(vm, slot, base, text))
}
