//! Integer expressions: their text in Lua and their value by the manual, computed in Rust.
//!
//! Constants and variables are mixed, so that folding, operands with constants and plain registers are all met.

use std::fmt;

use proptest::prelude::*;

/// An expression whose operands are all integers.
#[derive(Clone, Debug)]
pub enum Expr {
    Constant(i64),
    Variable(usize),
    Unary(&'static str, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
}

const NAMES: [&str; 3] = ["a", "b", "c"];
const UNARY: [&str; 2] = ["-", "~"];
const BINARY: [&str; 10] = ["+", "-", "*", "//", "%", "&", "|", "~", "<<", ">>"];

/// Expressions a few levels deep.
pub fn expr() -> impl Strategy<Value = Expr> {
    let constant = prop_oneof![-3i64..=70, any::<i64>(), Just(i64::MIN), Just(i64::MAX)];
    let leaf = prop_oneof![
        constant.prop_map(Expr::Constant),
        (0usize..3).prop_map(Expr::Variable)
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        prop_oneof![
            1 => (prop::sample::select(&UNARY[..]), inner.clone()).prop_map(|(op, e)| Expr::Unary(op, Box::new(e))),
            4 => (prop::sample::select(&BINARY[..]), inner.clone(), inner)
                .prop_map(|(op, l, r)| Expr::Binary(op, Box::new(l), Box::new(r))),
        ]
    })
}

/// The line that gives the variables their values.
pub fn declare(values: [i64; 3]) -> String {
    let [a, b, c] = values.map(literal);
    format!("local a, b, c = {a}, {b}, {c}\n")
}

/// Hexadecimal, because the decimal digits of the least integer are a float.
fn literal(value: i64) -> String {
    format!("0x{value:x}")
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Constant(value @ 0..1000) => write!(f, "{value}"),
            Expr::Constant(value) => f.write_str(&literal(*value)),
            Expr::Variable(i) => f.write_str(NAMES.get(*i).unwrap_or(&"a")),
            Expr::Unary(op, e) => write!(f, "({op} {e})"),
            Expr::Binary(op, l, r) => write!(f, "({l} {op} {r})"),
        }
    }
}

impl Expr {
    /// The value, or the message of the error.
    pub fn value(&self, vars: [i64; 3]) -> Result<i64, &'static str> {
        match self {
            Expr::Constant(value) => Ok(*value),
            Expr::Variable(i) => Ok(vars.get(*i).copied().unwrap_or_default()),
            Expr::Unary(op, e) => {
                let v = e.value(vars)?;
                Ok(if *op == "-" { v.wrapping_neg() } else { !v })
            }
            Expr::Binary(op, l, r) => binary(op, l.value(vars)?, r.value(vars)?),
        }
    }
}

fn binary(op: &str, l: i64, r: i64) -> Result<i64, &'static str> {
    Ok(match op {
        "+" => l.wrapping_add(r),
        "-" => l.wrapping_sub(r),
        "*" => l.wrapping_mul(r),
        "//" if r == 0 => return Err("attempt to divide by zero"),
        "//" => {
            let q = l.wrapping_div(r);
            if l.wrapping_rem(r) != 0 && (l < 0) != (r < 0) {
                q - 1
            } else {
                q
            }
        }
        "%" if r == 0 => return Err("attempt to perform 'n%0'"),
        "%" => {
            let m = l.wrapping_rem(r);
            if m != 0 && (m < 0) != (r < 0) {
                m + r
            } else {
                m
            }
        }
        "&" => l & r,
        "|" => l | r,
        "~" => l ^ r,
        "<<" => shift_left(l, r),
        ">>" => shift_left(l, r.checked_neg().unwrap_or(i64::MAX)),
        other => unreachable!("no operator {other}"),
    })
}

/// Logical shift; a negative count goes right, 64 or more leave nothing.
fn shift_left(value: i64, count: i64) -> i64 {
    let bits = value.cast_unsigned();
    match count {
        0..64 => (bits << count).cast_signed(),
        -63..0 => (bits >> -count).cast_signed(),
        _ => 0,
    }
}
