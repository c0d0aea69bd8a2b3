//! Folding of operations on numerals.
//!
//! Only numbers are folded, and only where the result is sure to be the machine's: no division or modulo by
//! zero, no result that is NaN or a zero float (whose sign constants could confuse), no bitwise
//! operation on a number that is not integral.

use cu_parser::ast::{BinaryOp, UnaryOp};

use crate::number;

/// A number known while compiling.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Numeral {
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

impl Numeral {
    fn to_float(self) -> f64 {
        match self {
            Numeral::Int(i) => i as f64,
            Numeral::Float(f) => f,
        }
    }

    fn to_int(self) -> Option<i64> {
        match self {
            Numeral::Int(i) => Some(i),
            Numeral::Float(f) => number::float_to_int_exact(f),
        }
    }
}

/// The result of `a op b`, if it can be known now.
pub(super) fn binary(op: BinaryOp, a: Numeral, b: Numeral) -> Option<Numeral> {
    use BinaryOp::*;
    match op {
        Add => arith(a, b, i64::wrapping_add, |x, y| x + y),
        Sub => arith(a, b, i64::wrapping_sub, |x, y| x - y),
        Mul => arith(a, b, i64::wrapping_mul, |x, y| x * y),
        Mod if b.to_float() != 0.0 => arith(a, b, number::int_mod, number::float_mod),
        IDiv if b.to_float() != 0.0 => arith(a, b, number::int_floor_div, number::float_floor_div),
        Div if b.to_float() != 0.0 => float(a.to_float() / b.to_float()),
        Mod | IDiv | Div => None,
        Pow => float(number::float_pow(a.to_float(), b.to_float())),
        BAnd => Some(Numeral::Int(a.to_int()? & b.to_int()?)),
        BOr => Some(Numeral::Int(a.to_int()? | b.to_int()?)),
        BXor => Some(Numeral::Int(a.to_int()? ^ b.to_int()?)),
        Shl => Some(Numeral::Int(number::shift_left(a.to_int()?, b.to_int()?))),
        Shr => Some(Numeral::Int(number::shift_right(a.to_int()?, b.to_int()?))),
        Concat | Eq | Ne | Lt | Le | Gt | Ge | And | Or => None,
    }
}

/// The result of `op a`, if it can be known now.
pub(super) fn unary(op: UnaryOp, a: Numeral) -> Option<Numeral> {
    match (op, a) {
        (UnaryOp::Neg, Numeral::Int(i)) => Some(Numeral::Int(i.wrapping_neg())),
        (UnaryOp::Neg, Numeral::Float(f)) => float(-f),
        (UnaryOp::BNot, _) => Some(Numeral::Int(!a.to_int()?)),
        (UnaryOp::Not | UnaryOp::Len, _) => None,
    }
}

fn arith(
    a: Numeral,
    b: Numeral,
    ints: fn(i64, i64) -> i64,
    floats: fn(f64, f64) -> f64,
) -> Option<Numeral> {
    match (a, b) {
        (Numeral::Int(x), Numeral::Int(y)) => Some(Numeral::Int(ints(x, y))),
        _ => float(floats(a.to_float(), b.to_float())),
    }
}

fn float(value: f64) -> Option<Numeral> {
    if value.is_nan() || value == 0.0 {
        None
    } else {
        Some(Numeral::Float(value))
    }
}

#[cfg(test)]
mod tests {
    use super::Numeral::{Float, Int};
    use super::*;

    #[test]
    fn doubtful_results_are_left_to_the_machine() {
        assert_eq!(binary(BinaryOp::IDiv, Int(1), Int(0)), None);
        assert_eq!(binary(BinaryOp::Mod, Int(1), Float(0.0)), None);
        assert_eq!(binary(BinaryOp::Div, Int(0), Int(5)), None);
        assert_eq!(binary(BinaryOp::Mul, Float(0.0), Int(-1)), None);
        assert_eq!(unary(UnaryOp::Neg, Float(0.0)), None);
        assert_eq!(binary(BinaryOp::BAnd, Float(1.5), Int(1)), None);
        assert_eq!(binary(BinaryOp::Pow, Int(-8), Float(0.5)), None);
    }

    #[test]
    fn the_rest_is_folded() {
        assert_eq!(
            binary(BinaryOp::Add, Int(i64::MAX), Int(1)),
            Some(Int(i64::MIN))
        );
        assert_eq!(binary(BinaryOp::Add, Int(1), Float(0.5)), Some(Float(1.5)));
        assert_eq!(binary(BinaryOp::Div, Int(6), Int(3)), Some(Float(2.0)));
        assert_eq!(binary(BinaryOp::BOr, Float(2.0), Int(1)), Some(Int(3)));
        assert_eq!(binary(BinaryOp::Shl, Int(1), Int(62)), Some(Int(1 << 62)));
        assert_eq!(binary(BinaryOp::IDiv, Float(7.0), Int(2)), Some(Float(3.0)));
        assert_eq!(unary(UnaryOp::BNot, Float(5.0)), Some(Int(-6)));
    }
}
