//! The door `chunk` for libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| cu_fuzz::hand_in("chunk", input));
