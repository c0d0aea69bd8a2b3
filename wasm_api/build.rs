//! Tells the linker how the linear memory of the module is laid out.
//!
//! ```text
//!   0            1 MiB           __heap_base                       16 MiB
//!   | <- stack    | data, buffers | what the allocator hands out    |
//! ```
//!
//! The shadow stack lies first and grows down, so running out of it traps at address 0 instead of
//! overwriting data. `CU_INITIAL_MEMORY` (bytes, a multiple of 64 KiB) changes the size.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "cargo and build scripts talk through the environment and standard output"
)]

/// Size of the linear memory at instantiation; the module does not grow it unless the host asks.
const INITIAL_MEMORY: &str = "16777216";
/// Size of the shadow stack.
const STACK_SIZE: &str = "1048576";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CU_INITIAL_MEMORY");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return;
    }
    let memory = std::env::var("CU_INITIAL_MEMORY").unwrap_or_else(|_| INITIAL_MEMORY.to_owned());
    println!("cargo::rustc-link-arg-cdylib=--initial-memory={memory}");
    println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_SIZE}");
    println!("cargo::rustc-link-arg-cdylib=--stack-first");
}
