//! `play`: the playground in `dist/playground`, built of the package's sources and served on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Result, file_failure};
use crate::{module, setup, web};

/// What is bundled: the page, its worker, and what has to be there before both.
const SCRIPTS: [&str; 3] = ["main.ts", "worker.ts", "early.ts"];

/// What is copied as it is.
const FILES: [&str; 3] = ["index.html", "style.css", "icon.svg"];

/// Fonts: the package and file in `node_modules/@fontsource-variable`, and the name in the style sheet.
const FONTS: [(&str, &str); 2] = [
    (
        "jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
        "jetbrains-mono.woff2",
    ),
    (
        "instrument-sans/files/instrument-sans-latin-wght-normal.woff2",
        "instrument-sans.woff2",
    ),
];

/// Builds the playground if something is newer than it; where it is.
pub fn build() -> Result<PathBuf> {
    let root = shell::root();
    let package = web::build()?;
    let (from, to) = (root.join("web/playground"), root.join("dist/playground"));
    let wasm = to.join("cu-web.wasm");
    let inputs = [
        "web/playground",
        "web/ts",
        "package-lock.json",
        "xtask/src/play.rs",
    ];
    if !module::is_older(&wasm, inputs) {
        return Ok(to);
    }
    shell::say("building dist/playground");
    let mut tsc = Command::new("node");
    tsc.arg(root.join("node_modules/typescript/bin/tsc"));
    shell::run(tsc.arg("-p").arg(from.join("tsconfig.json")))?;
    let mut esbuild = Command::new(root.join("node_modules/.bin/esbuild"));
    esbuild.args(SCRIPTS.map(|script| from.join(script)));
    esbuild.args([
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--loader:.lua=text",
        "--log-level=warning",
        "--legal-comments=none",
    ]);
    let _ = fs::remove_dir_all(&to);
    shell::run(esbuild.arg(format!("--outdir={}", to.display())))?;
    for file in FILES {
        copy(&from.join(file), &to.join(file))?;
    }
    let fonts = root.join("node_modules/@fontsource-variable");
    for (font, name) in FONTS {
        copy(&fonts.join(font), &to.join(name))?;
    }
    // The last file is the mark that everything is there.
    copy(&package.join("cu-web.wasm"), &wasm)?;
    Ok(to)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).map_err(|error| file_failure(from, error))?;
    fs::write(to, bytes).map_err(|error| file_failure(to, error))
}

/// Builds the playground and serves it until it is interrupted.
pub fn main(port: Option<u16>, open: bool) -> Result<bool> {
    setup::node()?;
    let playground = build()?;
    let mut node = Command::new("node");
    node.arg(shell::root().join("web/playground/serve.mjs"));
    node.arg(playground);
    node.args(port.map(|port| port.to_string()));
    if open {
        node.arg("--open");
    }
    shell::succeeds(&mut node)
}
