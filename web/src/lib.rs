//! The JavaScript package: this crate will hold the bridge to JavaScript, and the playground.
//!
//! There is nothing here yet. JavaScript hosts can use the raw module today: see the README
//! of `wasm_api`.

#![forbid(unsafe_code)]
