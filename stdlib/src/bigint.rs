//! `bigint`: integers of any size, as the module that `require "bigint"` gives.
//!
//! There is no global of this name. What is here is the module's Lua face: which functions there are, what they accept,
//! and what they cost. A value is a userdata (`bigint/value.rs`) that is never changed. Before any work, fuel is charged
//! for it and the memory it may need is checked (`bigint/cost.rs`), because nothing that calculates can be interrupted.
//!
//! What it is not: it does not calculate. An [`Arithmetic`] does, of which there is one here (`bigint/num.rs`, with the
//! feature `bigint`); embeddings may have their own. Each brings the natives that are made for it.
//!
//! Division: `div`, `/` cut off the fraction and `mod`, `%` take the sign of the dividend, unlike Lua's own operators;
//! `idiv`, `//` round down, like Lua's.

mod arithmetic;
mod compare;
mod cost;
#[cfg(feature = "bigint")]
mod num;
mod text;
mod value;

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use crate::args::{self, append, append_slot, build};
pub use arithmetic::{Arithmetic, Operation};
use cost::limbs;
#[cfg(feature = "bigint")]
pub use num::{NATIVES, Num};
pub use value::{push, push_from_bytes, to_bytes};

/// All functions of the module.
pub type Natives = [Native; 18];

/// The functions over an arithmetic. The first six are the module's own table, all but the first are in the metatable
/// of values.
pub const fn natives<A: Arithmetic>() -> Natives {
    [
        Native {
            name: "bigint.new",
            call: text::new::<A>,
        },
        Native {
            name: "bigint.add",
            call: |vm, args| binary::<A>(vm, args, Operation::Add),
        },
        Native {
            name: "bigint.sub",
            call: |vm, args| binary::<A>(vm, args, Operation::Sub),
        },
        Native {
            name: "bigint.mul",
            call: |vm, args| binary::<A>(vm, args, Operation::Mul),
        },
        Native {
            name: "bigint.div",
            call: |vm, args| binary::<A>(vm, args, Operation::Div),
        },
        Native {
            name: "bigint.mod",
            call: |vm, args| binary::<A>(vm, args, Operation::Mod),
        },
        Native {
            name: "bigint.compare",
            call: compare::compare,
        },
        Native {
            name: "bigint.idiv",
            call: |vm, args| binary::<A>(vm, args, Operation::Idiv),
        },
        Native {
            name: "bigint.pow",
            call: pow::<A>,
        },
        Native {
            name: "bigint.tointeger",
            call: tointeger,
        },
        Native {
            name: "bigint.tonumber",
            call: tonumber,
        },
        Native {
            name: "bigint.tostring",
            call: text::tostring::<A>,
        },
        Native {
            name: "bigint.unm",
            call: unm::<A>,
        },
        Native {
            name: "bigint.__concat",
            call: concat::<A>,
        },
        Native {
            name: "bigint.__eq",
            call: compare::eq,
        },
        Native {
            name: "bigint.__le",
            call: compare::le,
        },
        Native {
            name: "bigint.__lt",
            call: compare::lt,
        },
        Native {
            name: "bigint.open",
            call: open_module::<A>,
        },
    ]
}

/// How many of them the module's table shows, and the place of the function that makes it.
const SHOWN: usize = 6;
const OPEN: usize = size_of::<Natives>() / size_of::<Native>() - 1;

/// Operators that are functions of the module as well.
const OPERATORS: [(&[u8], &[u8]); 9] = [
    (b"__add", b"add"),
    (b"__div", b"div"),
    (b"__idiv", b"idiv"),
    (b"__mod", b"mod"),
    (b"__mul", b"mul"),
    (b"__pow", b"pow"),
    (b"__sub", b"sub"),
    (b"__tostring", b"tostring"),
    (b"__unm", b"unm"),
];

/// Makes the module known to `require`, by an entry in `package.preload`.
pub fn open_preload<A: Arithmetic>(vm: &mut Vm) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    let preload = vm.top();
    vm.raw_get_name(registry, b"_PRELOAD")?;
    let open = vm.top();
    vm.push_native(&A::natives()[OPEN])?;
    vm.raw_set_name(preload, b"bigint", open)?;
    vm.set_top(registry)
}

/// The loader: a table of the shown functions, through which the others can be reached, too.
fn open_module<A: Arithmetic>(vm: &mut Vm, _args: Args) -> NativeResult {
    let module = vm.top();
    vm.push_library(&A::natives()[..SHOWN])?;
    let metatable = vm.top();
    vm.push_table(0, 1)?;
    let methods = vm.top();
    push_metatable::<A>(vm)?;
    vm.raw_set_name(metatable, b"__index", methods)?;
    vm.set_metatable(module, metatable)?;
    vm.set_top(metatable)?;
    Ok(Outcome::results(1))
}

/// Pushes the metatable of values, which is made when the first one is.
fn push_metatable<A: Arithmetic>(vm: &mut Vm) -> Result<(), Thrown> {
    let metatable = vm.top();
    let registry = metatable.offset(1);
    vm.push_registry()?;
    vm.raw_get_name(metatable, value::TYPE_NAME)?;
    vm.remove(metatable);
    if vm.type_of(metatable) == Type::Table {
        return Ok(());
    }
    vm.pop(1);
    vm.push_library(&A::natives()[1..OPEN])?;
    for (event, name) in OPERATORS {
        vm.raw_get_name(metatable, name)?;
        vm.raw_set_name(metatable, event, registry)?;
        vm.pop(1);
    }
    vm.push_bytes(value::TYPE_NAME)?;
    vm.raw_set_name(metatable, b"__name", registry)?;
    vm.pop(1);
    vm.raw_set_name(metatable, b"__index", metatable)?;
    vm.push_registry()?;
    vm.raw_set_name(registry, value::TYPE_NAME, metatable)?;
    vm.pop(1);
    Ok(())
}

/// An operation on two big integers.
fn binary<A: Arithmetic>(vm: &mut Vm, args: Args, operation: Operation) -> NativeResult {
    let a = limbs(value::check(vm, args, 0)?);
    let b = limbs(value::check(vm, args, 1)?);
    let (fuel, room) = match operation {
        Operation::Add | Operation::Sub => (a + b, 8 * (a + b)),
        Operation::Mul => (cost::of_mul(a, b), cost::room_of_mul(a, b)),
        Operation::Div | Operation::Mod | Operation::Idiv => {
            if b == 0 {
                let what: &[u8] = match operation {
                    Operation::Mod => b"modulo",
                    _ => b"division",
                };
                return Err(vm.error(&[b"bigint ", what, b" failed (division by zero?)"]));
            }
            (cost::of_div(a, b), cost::room_of_div(a, b))
        }
    };
    cost::prepare(vm, fuel, room)?;
    A::calculate(vm, operation, args.slot(0), args.slot(1))?;
    Ok(Outcome::results(1))
}

fn unm<A: Arithmetic>(vm: &mut Vm, args: Args) -> NativeResult {
    let a = limbs(value::check(vm, args, 0)?);
    vm.charge(a)?;
    value::push_negation::<A>(vm, args.slot(0))?;
    Ok(Outcome::results(1))
}

/// `bigint.pow(base, exponent)`: the exponent may be an integer of Lua's, too.
fn pow<A: Arithmetic>(vm: &mut Vm, args: Args) -> NativeResult {
    value::check(vm, args, 0)?;
    let exponent = exponent(vm, args)?;
    let (is_negative, magnitude) = value::parts(vm, args.slot(0)).unwrap_or_default();
    match (magnitude, exponent) {
        (_, Exponent::Small(0)) => value::push_integer::<A>(vm, 1)?,
        ([], _) => value::push_integer::<A>(vm, 0)?,
        ([1], exponent) => {
            let minus = is_negative && exponent.is_odd();
            value::push_integer::<A>(vm, if minus { -1 } else { 1 })?;
        }
        (_, Exponent::Large { .. }) => return Err(vm.out_of_memory()),
        (magnitude, Exponent::Small(exponent)) => {
            // The bits of the base, times the exponent, are at least those of the result.
            let last = magnitude.last().copied().unwrap_or_default();
            let bits = 8 * magnitude.len() as u64 - u64::from(last.leading_zeros());
            let bits = bits.saturating_mul(exponent.into());
            let n_limbs = bits.div_ceil(32);
            cost::prepare(vm, cost::of_pow(n_limbs), cost::room_of_pow(n_limbs))?;
            A::pow(vm, args.slot(0), exponent, cost::bytes(bits))?;
        }
    }
    Ok(Outcome::results(1))
}

/// An exponent, as far as it matters: with a larger one no result but 0, 1 and -1 has room anywhere.
#[derive(Clone, Copy)]
enum Exponent {
    Small(u32),
    Large { odd: bool },
}

impl Exponent {
    fn is_odd(self) -> bool {
        match self {
            Exponent::Small(n) => n & 1 != 0,
            Exponent::Large { odd } => odd,
        }
    }
}

fn exponent(vm: &mut Vm, args: Args) -> Result<Exponent, Thrown> {
    let (negative, small, odd) = if let Some((negative, magnitude)) = value::parts(vm, args.slot(1))
    {
        let mut word = [0; 4];
        let fits = word.get_mut(..magnitude.len());
        let small = fits.map(|place| place.copy_from_slice(magnitude));
        let odd = magnitude.first().is_some_and(|byte| byte & 1 != 0);
        (negative, small.map(|()| u32::from_le_bytes(word)), odd)
    } else if vm.type_of(args.slot(1)) == Type::Number {
        let n = args::int(vm, args, 1)?;
        (n < 0, u32::try_from(n).ok(), n & 1 != 0)
    } else {
        return Err(vm.type_error(args, 1, value::TYPE));
    };
    if negative {
        return Err(vm.error(&[b"bigint power failed (negative exponent)"]));
    }
    Ok(small.map_or(Exponent::Large { odd }, Exponent::Small))
}

/// `x:tointeger()`: the same number as an integer of Lua's, or nil if it is none.
fn tointeger(vm: &mut Vm, args: Args) -> NativeResult {
    value::check(vm, args, 0)?;
    match value::small(vm, args.slot(0)) {
        Some(n) => vm.push_int(n)?,
        None => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

/// `x:tonumber()`: the same number as an integer of Lua's if it is one, else the nearest float.
fn tonumber(vm: &mut Vm, args: Args) -> NativeResult {
    let a = limbs(value::check(vm, args, 0)?);
    match value::small(vm, args.slot(0)) {
        Some(n) => vm.push_int(n)?,
        None => {
            vm.charge(a)?;
            let (is_negative, magnitude) = value::parts(vm, args.slot(0)).unwrap_or_default();
            let nearest = value::nearest_float(magnitude);
            vm.push_float(if is_negative { -nearest } else { nearest })?;
        }
    }
    Ok(Outcome::results(1))
}

/// `a .. b`, where a big integer stands for its decimal text.
fn concat<A: Arithmetic>(vm: &mut Vm, args: Args) -> NativeResult {
    for i in 0..2 {
        let operand = args.slot(i);
        if value::is(vm, operand) {
            let written = vm.top();
            text::push_text::<A>(vm, operand, 10)?;
            vm.copy(written, operand);
            vm.pop(1);
        } else if !matches!(
            vm.view(operand),
            View::String(_) | View::Integer(_) | View::Float(_)
        ) {
            let name = vm.type_name(operand);
            return Err(vm.error(&[b"attempt to concatenate a ", &name, b" value"]));
        } else {
            vm.coerce_to_string(operand)?;
        }
    }
    let (a, b): (Slot, Slot) = (args.slot(0), args.slot(1));
    build(vm, |vm, buffer| {
        append(vm, buffer, b"")?;
        append_slot(vm, buffer, a)?;
        append_slot(vm, buffer, b)
    })?;
    Ok(Outcome::results(1))
}
