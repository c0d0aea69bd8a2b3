//! What calculates below the module's face: the part that embeddings replace.
//!
//! What it is not: it checks no arguments and charges nothing; the face has done both before it asks. Numbers lie in
//! slots, as bytes that [`to_bytes`](super::to_bytes) gives and [`push`](super::push) takes.

use cu_vm::{Slot, Thrown, Vm};

use super::Natives;

/// What is made of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The sum.
    Add,
    /// The difference.
    Sub,
    /// The product.
    Mul,
    /// The quotient, its fraction cut off.
    Div,
    /// What such a division leaves, with the sign of the dividend.
    Mod,
    /// The quotient, rounded down.
    Idiv,
}

/// Calculates with numbers of any size.
pub trait Arithmetic: 'static {
    /// The module's functions over this arithmetic: a static that [`natives`](super::natives) has made.
    fn natives() -> &'static Natives;

    /// Pushes what an operation makes of the numbers in two slots. A divisor is not zero.
    fn calculate(vm: &mut Vm, operation: Operation, a: Slot, b: Slot) -> Result<(), Thrown>;

    /// Pushes a power of the number in `base`, which takes at most `room` bytes.
    fn pow(vm: &mut Vm, base: Slot, exponent: u32, room: usize) -> Result<(), Thrown>;

    /// Pushes the number with these digits (their values, the highest first and not zero), which takes at most `room`
    /// bytes. What becomes of the buffer does not matter.
    fn read(
        vm: &mut Vm,
        is_negative: bool,
        digits: &mut Vec<u8>,
        base: u32,
        room: usize,
    ) -> Result<(), Thrown>;

    /// Writes the number in `slot` into an empty buffer, as text with small letters.
    fn write(vm: &mut Vm, slot: Slot, base: u32, text: &mut Vec<u8>) -> Result<(), Thrown>;
}
