//! The arithmetic of JavaScript's BigInts, for the module `bigint` and for BigInts of more than 64 bits in Lua.
//!
//! What it is not: it is not the module, whose functions, values and costs are those of `cu_stdlib::bigint`. With
//! `num-bigint` below them, as in `cu.wasm`, the package's module would be larger by a tenth.
//!
//! Numbers and texts go to JavaScript one after the other in a buffer, and the result comes back in their place:
//!
//! ```text
//!   first   second   room            a number: a byte for its sign (1 for negative),
//!   result .......................             its magnitude, the lowest byte first
//! ```

use cu_stdlib::bigint::{self, Arithmetic, Natives, Operation};
use cu_vm::{Native, Slot, Thrown, Vm};

use crate::bridge::host;
use crate::face::Worked;
use crate::host::stop;
use crate::wire::work;

/// Calculates with BigInts.
#[derive(Debug)]
pub struct JavaScript;

static NATIVES: Natives = bigint::natives::<JavaScript>();

/// The library function with this full name, those of `bigint` included.
pub fn find(name: &str) -> Option<&'static Native> {
    let found = NATIVES.iter().find(|native| native.name == name);
    found.or_else(|| cu_stdlib::find(name))
}

impl Arithmetic for JavaScript {
    fn natives() -> &'static Natives {
        &NATIVES
    }

    fn calculate(vm: &mut Vm, operation: Operation, a: Slot, b: Slot) -> Result<(), Thrown> {
        let work = match operation {
            Operation::Add => work::ADD,
            Operation::Sub => work::SUB,
            Operation::Mul => work::MUL,
            Operation::Div => work::DIV,
            Operation::Mod => work::MOD,
            Operation::Idiv => work::IDIV,
        };
        push_result(vm, |vm, buffer| {
            let n_first = append(vm, a, buffer)?;
            append(vm, b, buffer)?;
            // Two signs and two magnitudes are room for any result.
            ask(vm, work, buffer, n_first, 0)
        })
    }

    fn pow(vm: &mut Vm, base: Slot, exponent: u32, room: usize) -> Result<(), Thrown> {
        push_result(vm, |vm, buffer| {
            let n_first = append(vm, base, buffer)?;
            append_small(vm, exponent, buffer)?;
            ask(vm, work::POW, buffer, n_first, room)
        })
    }

    fn read(
        vm: &mut Vm,
        is_negative: bool,
        digits: &mut Vec<u8>,
        base: u32,
        room: usize,
    ) -> Result<(), Thrown> {
        for digit in digits.iter_mut() {
            let letter = char::from_digit(u32::from(*digit), base);
            *digit = letter.unwrap_or('0') as u8;
        }
        let n_first = digits.len();
        append_small(vm, base, digits)?;
        ask(vm, work::READ, digits, n_first, room)?;
        if let Some(sign) = digits.first_mut() {
            *sign = u8::from(is_negative);
        }
        push(vm, digits)
    }

    fn write(vm: &mut Vm, slot: Slot, base: u32, text: &mut Vec<u8>) -> Result<(), Thrown> {
        let n_first = append(vm, slot, text)?;
        append_small(vm, base, text)?;
        // A digit has at least so many bits.
        let room = 8 * n_first / base.ilog2().max(1) as usize + 2;
        ask(vm, work::WRITE, text, n_first, room)
    }
}

/// Pushes the number that `fill` leaves in a buffer.
fn push_result(
    vm: &mut Vm,
    fill: impl FnOnce(&mut Vm, &mut Vec<u8>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let mut buffer = vm.take_buffer();
    let pushed = fill(vm, &mut buffer).and_then(|()| push(vm, &buffer));
    vm.drop_buffer(buffer);
    pushed
}

fn push(vm: &mut Vm, bytes: &[u8]) -> Result<(), Thrown> {
    if bigint::push::<JavaScript>(vm, bytes)? {
        return Ok(());
    }
    Err(vm.error_plain(&[b"malformed answer from JavaScript"]))
}

/// Appends the number in `slot`, and says how many bytes it has.
fn append(vm: &mut Vm, slot: Slot, buffer: &mut Vec<u8>) -> Result<usize, Thrown> {
    let n = bigint::to_bytes(vm, slot).map_or(0, <[u8]>::len);
    vm.reserve(buffer, n)?;
    buffer.extend_from_slice(bigint::to_bytes(vm, slot).unwrap_or_default());
    Ok(n)
}

/// Appends an exponent or a base.
fn append_small(vm: &mut Vm, n: u32, buffer: &mut Vec<u8>) -> Result<(), Thrown> {
    vm.reserve(buffer, 5)?;
    buffer.push(0);
    buffer.extend_from_slice(&n.to_le_bytes());
    Ok(())
}

/// Asks JavaScript to work on what lies in a buffer, the first `n_first` bytes and the rest. The result takes its place,
/// and has at most as many bytes as the buffer, or as `room` says.
fn ask(
    vm: &mut Vm,
    work: u8,
    buffer: &mut Vec<u8>,
    n_first: usize,
    room: usize,
) -> Result<(), Thrown> {
    let n_second = buffer.len().saturating_sub(n_first);
    let room = room.max(buffer.len());
    vm.reserve(buffer, room - buffer.len())?;
    buffer.resize(room, 0);
    match host(vm).face.calculate(work, buffer, n_first, n_second) {
        Worked::Done(n) => {
            buffer.truncate(n);
            Ok(())
        }
        Worked::TooLarge => Err(vm.out_of_memory()),
        Worked::TooLong => {
            host(vm).stopping = stop::TIME;
            Err(vm.stop())
        }
    }
}
