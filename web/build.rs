//! Tells the linker how the linear memory of the package's module is laid out: the shadow stack lies first and grows down,
//! so running out of it traps at address 0 instead of overwriting data.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "cargo and build scripts talk through the environment and standard output"
)]

/// Size of the shadow stack.
const STACK_SIZE: &str = "1048576";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_SIZE}");
        println!("cargo::rustc-link-arg-cdylib=--stack-first");
    }
}
