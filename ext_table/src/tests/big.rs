//! Large integers in external tables.

use super::{Machine, check, check_error};
use crate::Store;
use crate::memory::MapStore;

#[test]
fn large_integers_come_back_as_they_were() {
    check(&[
        (
            "big = require 'bigint' _home.n = big.new(3) ^ 200 _home.zero = big.new(0) _home.minus = -big.new(2) ^ 64",
            "",
        ),
        (
            "return _home.n == big.new(3) ^ 200, _home.zero, _home.minus",
            "true 0 -18446744073709551616",
        ),
        (
            "_home.t = {big.new(7), {n = big.new(-8)}} return _home.t[1] * _home.t[2].n",
            "-56",
        ),
        (
            "_home.n = _home.n * _home.n return _home.n // _home.n, #tostring(_home.n)",
            "1 191",
        ),
        (
            "table.insert(_home.t, big.new(9)) return #_home.t, _home.t[3]",
            "3 9",
        ),
    ]);
    check_error(
        "_home[require 'bigint'.new(1)] = 1",
        "test:1: cannot store under a Cu.BigInt as a key (in _home)",
    );
}

#[test]
fn large_integers_are_stored_as_sign_and_magnitude() {
    let mut store = check(&[(
        "local big = require 'bigint' _home.a = big.new(258) _home.b = big.new(-255) _home.c = big.new(0)",
        "",
    )]);
    for (key, wanted) in [
        (&b"a"[..], &b"\x0a\x03\0\0\0\0\x02\x01"[..]),
        (b"b", b"\x0a\x02\0\0\0\x01\xff"),
        (b"c", b"\x0a\x01\0\0\0\0"),
    ] {
        let mut bytes = Vec::new();
        assert_eq!(store.get(1, key, &mut bytes), Ok(true));
        assert_eq!(bytes, wanted);
    }
}

#[test]
fn damaged_large_integers_are_errors() {
    let damaged: [&[u8]; 5] = [
        b"\x0a\0\0\0\0",
        b"\x0a\x01\0\0\0\x01",
        b"\x0a\x02\0\0\0\x02\x01",
        b"\x0a\x02\0\0\0\0\0",
        b"\x0a\x03\0\0\0\0\x01\0",
    ];
    for bytes in damaged {
        let mut store = MapStore::new();
        assert_eq!(store.set(1, b"n", bytes), Ok(()));
        let mut machine = Machine::over(store);
        assert_eq!(
            machine.run("return _home.n"),
            Err("test:1: cannot read _home.n: the large integer is damaged".to_owned())
        );
    }
    // What is cut off is nothing at all, as with every value.
    let mut store = MapStore::new();
    assert_eq!(store.set(1, b"n", b"\x0a\x09\0\0\0\0\x01"), Ok(()));
    assert_eq!(
        Machine::over(store).run("return _home.n"),
        Ok("nil".to_owned())
    );
}
