//! `tonumber`.

use cu_vm::{Args, NativeResult, Outcome, Type, Vm};

use crate::args::{self, bytes};

/// `tonumber(e [, base])`
pub fn tonumber(vm: &mut Vm, args: Args) -> NativeResult {
    let slot = args.slot(0);
    if vm.is_none_or_nil(args.slot(1)) {
        let len = vm.bytes(slot).map_or(0, <[u8]>::len);
        vm.charge(len as u64 / 8)?;
        if !vm.push_number(slot)? {
            args::any(vm, args, 0)?;
            vm.push_nil()?;
        }
        return Ok(Outcome::results(1));
    }
    let base = args::int(vm, args, 1)?;
    args::of_type(vm, args, 0, Type::String)?;
    if !(2..=36).contains(&base) {
        return Err(vm.arg_error(args, 1, &[b"base out of range"]));
    }
    let len = bytes(vm, slot).len();
    vm.charge(len as u64 / 8)?;
    match in_base(bytes(vm, slot), base as u64) {
        Some(n) => vm.push_int(n)?,
        None => vm.push_nil()?,
    }
    Ok(Outcome::results(1))
}

/// The integer that `text` writes in a base from 2 to 36; it wraps around.
fn in_base(text: &[u8], base: u64) -> Option<i64> {
    let is_space = |b: &u8| matches!(b, b' ' | 9..=13);
    let start = text.iter().position(|b| !is_space(b))?;
    let end = text.iter().rposition(|b| !is_space(b))? + 1;
    let text = text.get(start..end)?;
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let mut n = 0_u64;
    for byte in digits {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return None,
        };
        if u64::from(digit) >= base {
            return None;
        }
        n = n.wrapping_mul(base).wrapping_add(u64::from(digit));
    }
    Some(if negative { n.wrapping_neg() } else { n } as i64)
}

#[cfg(test)]
mod tests {
    use super::in_base;

    #[test]
    fn numerals_in_any_base() {
        assert_eq!(in_base(b"  -7 \n", 8), Some(-7));
        assert_eq!(in_base(b"zZ", 36), Some(1295));
        assert_eq!(in_base(b"fffffffffffffffff", 16), Some(-1));
        for bad in [&b""[..], b" ", b"8", b"- 1", b"-", b"1 1", b"1\0", b"1_0"] {
            assert_eq!(in_base(bad, 8), None);
        }
    }
}
