//! `bindgen IN OUT`: what wasm-bindgen's command does, from its library, so that no tool has to be installed.
//!
//! It is in an xtask built with the feature `bindgen`, which `web.rs` starts.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::shell::{Failure, Result, file_failure};

/// Makes the module and its glue from what rustc built.
pub fn main(input: &str, output: &str) -> Result<bool> {
    let mut bindgen = Bindgen::new();
    let bindgen = bindgen
        .bundler(true)
        .map_err(|error| Failure(error.to_string()))?;
    bindgen
        .input_path(input)
        .typescript(false)
        .omit_default_module_path(true);
    bindgen
        .generate(output)
        .map_err(|error| file_failure(Path::new(input), format!("{error:#}")))?;
    Ok(true)
}
