//! Building the npm package in `dist/npm`, and running its tests.
//!
//! ```text
//!   web/src --rustc--> module --wasm-bindgen--> module + glue --wasm-opt--> cu-web.wasm
//!   web/src/wire.rs --> generated/tags.ts         glue --> generated/glue.js
//!   web/ts + generated --esbuild--> the entries    --tsc--> their types
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::shell::{self, Failure, Result, file_failure};
use crate::{module, play, setup};

/// The folders whose files go into the package's module.
const SOURCES: [&str; 6] = ["lexer", "parser", "vm", "stdlib", "ext_table", "web/src"];

/// One entry of the package: its file in `web/ts/entries`, and its formats.
const ENTRIES: [(&str, &[&str]); 10] = [
    ("auto", &["esm"]),
    ("node", &["esm", "cjs"]),
    ("browser", &["esm"]),
    ("edge", &["esm", "cjs"]),
    ("inline", &["esm", "cjs"]),
    ("conformance", &["esm", "cjs"]),
    ("worker", &["esm"]),
    ("worker-thread", &["esm"]),
    ("node-worker", &["esm", "cjs"]),
    ("node-worker-thread", &["esm"]),
];

/// The faces of the original, in `web/ts/entries/compat`: a build for browsers, and two for Node, which find other things.
const COMPAT: [&str; 3] = ["cu-api", "lua-api", "migrate"];

/// The face of the original that is a part of another one, of which there must not be two.
const IO_WRAPPER: [(&str, &str); 3] = [
    (
        "io-wrapper.js",
        "export { IoWrapper, IoWrapper as default } from \"./lua-api.js\";\n",
    ),
    (
        "io-wrapper.node.js",
        "export { IoWrapper, IoWrapper as default } from \"./lua-api.node.js\";\n",
    ),
    (
        "io-wrapper.node.cjs",
        "exports.IoWrapper = exports.default = require(\"./lua-api.node.cjs\").IoWrapper;\n",
    ),
];

/// The module as a script, for bundlers that leave its file behind.
const INLINE: &str = "cu-web-inline.js";

/// The same of the raw module, for the faces of the original.
const RAW_INLINE: &str = "cu-inline.js";

/// Where the package is built.
fn package() -> PathBuf {
    shell::root().join("dist/npm")
}

/// Builds the package if something is newer than it, and prints what it weighs.
pub fn build() -> Result<PathBuf> {
    let root = shell::root();
    setup::node_packages()?;
    let generated = root.join("web/ts/generated");
    let wasm = generated.join("cu-web.wasm");
    let inputs = SOURCES.iter().copied().chain([
        "web/Cargo.toml",
        "web/build.rs",
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain.toml",
        "xtask/src/web.rs",
    ]);
    if module::is_older(&wasm, inputs) {
        build_module(&generated)?;
    }
    let package = package();
    let script = package.join("package.json");
    let inputs = [
        "web/ts",
        "web/package.json",
        "web/README.md",
        "package-lock.json",
    ];
    if module::is_older(&script, inputs) {
        build_scripts(&generated, &package)?;
    }
    weigh(&package)?;
    Ok(package)
}

/// The module, its glue and the tags of its messages.
fn build_module(generated: &Path) -> Result<()> {
    setup::wasm_target()?;
    shell::say("building the package's module");
    shell::run(&mut module_build())?;
    let target_dir = shell::target_dir()?;
    let built = target_dir.join(TARGET).join("web/cu_web.wasm");
    let bound = target_dir.join("web-bindgen");
    let mut bindgen = shell::cargo();
    bindgen.args(["run", "--quiet", "--package", "cu-xtask"]);
    bindgen.args(["--features", "bindgen", "--", "bindgen"]);
    shell::run(bindgen.arg(&built).arg(&bound))?;
    write(&generated.join("tags.ts"), &tags()?)?;
    let glue = bound.join("cu_web_bg.js");
    let text = fs::read_to_string(&glue).map_err(|error| file_failure(&glue, error))?;
    write(&generated.join("glue.js"), &wrapped(&text)?)?;
    write(
        &generated.join("glue.d.ts"),
        "export function createGlue(module: WebAssembly.Module): { exports: object; memory: WebAssembly.Memory };\n",
    )?;
    module::shrink(
        &bound.join("cu_web_bg.wasm"),
        &generated.join("cu-web.wasm"),
    )
}

/// What wasm-bindgen gets to see.
const TARGET: &str = "wasm32-unknown-unknown";

/// The build of the module, before wasm-bindgen.
pub fn module_build() -> Command {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--quiet", "--profile", "web", "--target", TARGET]);
    cargo.args(["--package", "cu-web", "--lib", "--config"]);
    cargo.arg(shell::no_paths());
    cargo
}

/// The tags of messages: the constants of `web/src/wire.rs`, for TypeScript.
fn tags() -> Result<String> {
    let path = shell::root().join("web/src/wire.rs");
    let text = fs::read_to_string(&path).map_err(|error| file_failure(&path, error))?;
    let mut tags = String::new();
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("pub const ") else {
            continue;
        };
        if let Some((name, value)) = rest.split_once(": u8 = ") {
            let value = value.trim_end_matches(';');
            tags.push_str(&format!("export const {name} = {value};\n"));
        }
    }
    if tags.is_empty() {
        return Err(file_failure(&path, "there are no tags in it"));
    }
    Ok(tags)
}

/// The glue, which is a module with one instance, as a function that makes any number of them.
fn wrapped(glue: &str) -> Result<String> {
    let mut names = Vec::new();
    let mut body = String::new();
    for line in glue.lines() {
        let line = match line.strip_prefix("export ") {
            Some(rest) => {
                let name = rest.strip_prefix("function ");
                let name = name.and_then(|rest| rest.split('(').next());
                match name {
                    Some(name) => names.push(name.to_owned()),
                    None => {
                        return Err(Failure(format!(
                            "unknown kind of export in the glue: {line}"
                        )));
                    }
                }
                rest
            }
            None if line.starts_with("import ") => {
                return Err(Failure(format!("unexpected import in the glue: {line}")));
            }
            None => line,
        };
        body.push_str(line);
        body.push('\n');
    }
    let (imports, exports): (Vec<_>, Vec<_>) = names
        .into_iter()
        .filter(|name| name != "__wbg_set_wasm")
        .partition(|name| name.starts_with("__wb"));
    Ok(format!(
        "export function createGlue(module) {{\n{body}\
         wasm = new WebAssembly.Instance(module, {{ \"./cu_web_bg.js\": {{ {} }} }}).exports;\n\
         wasm.__wbindgen_start();\n\
         return {{ exports: {{ {} }}, memory: wasm.memory }};\n}}\n",
        imports.join(", "),
        exports.join(", "),
    ))
}

/// The entries, their types, and what else is in the package.
fn build_scripts(generated: &Path, package: &Path) -> Result<()> {
    shell::say("building dist/npm");
    let root = shell::root();
    let web = root.join("web");
    let _ = fs::remove_dir_all(package);
    for (entry, formats) in ENTRIES {
        for format in formats {
            let out = format!("{entry}.{}", extension(format));
            bundle(
                &web,
                entry,
                entry.starts_with("node"),
                format,
                &package.join(out),
            )?;
        }
    }
    let raw = module::ensure(module::Kind::Main)?;
    let compat = package.join("compat");
    as_script(&generated.join("cu-web.wasm"), &package.join(INLINE))?;
    as_script(&raw, &compat.join(RAW_INLINE))?;
    for entry in COMPAT {
        let name = format!("compat/{entry}");
        for (for_node, format, ending) in [
            (false, "esm", "js"),
            (true, "esm", "node.js"),
            (true, "cjs", "node.cjs"),
        ] {
            let out = compat.join(format!("{entry}.{ending}"));
            bundle(&web, &name, for_node, format, &out)?;
        }
    }
    for (name, text) in IO_WRAPPER {
        write(&compat.join(name), text)?;
    }
    let mut tsc = Command::new("node");
    tsc.arg(root.join("node_modules/typescript/bin/tsc"));
    let types = package.join("types");
    tsc.arg("-p").arg(web.join("ts/tsconfig.json"));
    shell::run(tsc.arg("--outDir").arg(types.join("esm")))?;
    end_in_js(&types.join("esm"))?;
    copy_tree(&types.join("esm"), &types.join("cjs"))?;
    for (folder, kind) in [("esm", "module"), ("cjs", "commonjs")] {
        let text = format!("{{ \"type\": \"{kind}\" }}\n");
        write(&types.join(folder).join("package.json"), &text)?;
    }
    for (from, to) in [
        (generated.join("cu-web.wasm"), "cu-web.wasm"),
        (raw, "cu.wasm"),
        (web.join("package.json"), "package.json"),
        (web.join("README.md"), "README.md"),
        (root.join("LICENSE"), "LICENSE"),
    ] {
        fs::copy(&from, package.join(to)).map_err(|error| file_failure(&from, error))?;
    }
    Ok(())
}

/// A module as a script that exports its bytes.
fn as_script(module: &Path, script: &Path) -> Result<()> {
    let mut esbuild = Command::new(shell::root().join("node_modules/.bin/esbuild"));
    esbuild.arg(module);
    esbuild.args(["--bundle", "--minify", "--format=esm", "--platform=neutral"]);
    esbuild.args(["--target=es2022", "--loader:.wasm=binary"]);
    esbuild.arg("--log-level=warning");
    shell::run(esbuild.arg(format!("--outfile={}", script.display())))
}

fn extension(format: &str) -> &'static str {
    if format == "cjs" { "cjs" } else { "js" }
}

fn bundle(web: &Path, entry: &str, is_node: bool, format: &str, out: &Path) -> Result<()> {
    let mut esbuild = Command::new(shell::root().join("node_modules/.bin/esbuild"));
    esbuild.arg(web.join(format!("ts/entries/{entry}.ts")));
    esbuild.args([
        "--bundle",
        "--minify",
        "--target=es2022",
        "--log-level=warning",
        "--legal-comments=none",
        "--loader:.wasm=binary",
    ]);
    esbuild.arg(format!("--external:./{INLINE}"));
    esbuild.arg(format!("--external:./{RAW_INLINE}"));
    let config = if is_node { "tsconfig.node" } else { "tsconfig" };
    esbuild.arg(format!(
        "--tsconfig={}",
        web.join(format!("ts/{config}.json")).display()
    ));
    esbuild.arg(if is_node {
        "--platform=node"
    } else {
        "--platform=neutral"
    });
    esbuild.arg(format!("--format={format}"));
    if is_node && format == "cjs" {
        // There is no `import.meta` in CommonJS.
        esbuild.arg("--define:import.meta.url=here");
        esbuild.arg("--banner:js=const here = require('node:url').pathToFileURL(__filename).href;");
    }
    shell::run(esbuild.arg(format!("--outfile={}", out.display())))
}

/// Declarations name the files beside them as JavaScript files.
fn end_in_js(folder: &Path) -> Result<()> {
    for entry in entries(folder)? {
        if entry.is_dir() {
            end_in_js(&entry)?;
        } else {
            let text = fs::read_to_string(&entry).map_err(|error| file_failure(&entry, error))?;
            write(&entry, &text.replace(".ts\"", ".js\""))?;
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(|error| file_failure(to, error))?;
    for entry in entries(from)? {
        let target = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy_tree(&entry, &target)?;
        } else {
            fs::copy(&entry, &target).map_err(|error| file_failure(&entry, error))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).map_err(|error| file_failure(folder, error))?;
    Ok(read
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.path())
        .collect())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(|error| file_failure(path, error))
}

/// Prints what a page loads.
fn weigh(package: &Path) -> Result<()> {
    let weight = |name: &str| {
        let path = package.join(name);
        let bytes = fs::read(&path).map_err(|error| file_failure(&path, error))?;
        module::gzip_size(&bytes).map_err(|error| file_failure(&path, error))
    };
    let (wasm, script) = (weight("cu-web.wasm")?, weight("browser.js")?);
    shell::say(&format!(
        "dist/npm: module {wasm} bytes gzip, browser.js {script} bytes gzip"
    ));
    Ok(())
}

/// Prints what keeping a state costs in a browser.
pub fn figures(n_rounds: usize) -> Result<bool> {
    setup::chromium()?;
    build()?;
    let mut node = Command::new("node");
    node.arg(shell::root().join("web/tests/figures.mjs"));
    shell::succeeds(node.arg(n_rounds.to_string()))
}

/// Kills browsers and processes while they save, `n_kills` times each, and closes tabs; `false` if a save was lost.
pub fn endure(n_kills: u32) -> Result<bool> {
    setup::chromium()?;
    build()?;
    let mut node = Command::new("node");
    node.arg(shell::root().join("web/tests/store-campaigns.mjs"));
    shell::succeeds(node.arg(n_kills.to_string()))
}

/// Runs the tests in Node and Chromium; how many passed and failed.
pub fn test() -> Result<(u64, u64)> {
    setup::chromium()?;
    play::build()?;
    let folder = shell::root().join("web/tests");
    let mut files: Vec<_> = entries(&folder)?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap", "--expose-gc"]);
    // Most of a test is waiting for a page; Node would run one file less than there are processors.
    node.arg("--test-concurrency=2");
    node.args(&files).current_dir(shell::root());
    let output = node
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| shell::not_started(&node, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let number = |what: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(what));
        line.and_then(|n| n.trim().parse::<u64>().ok())
    };
    let (Some(passed), Some(failed)) = (number("# pass "), number("# fail ")) else {
        shell::print(&output.stdout);
        return Err(Failure(
            "the tests of the package did not run to their end.".to_owned(),
        ));
    };
    if failed > 0 || !output.status.success() {
        shell::print(&output.stdout);
    }
    Ok((passed, failed))
}

/// Puts the package into every bundler there is a promise for; `false` if one of them fails.
pub fn package_check() -> Result<bool> {
    setup::chromium()?;
    build()?;
    let folder = shell::root().join("web/tests/bundlers");
    setup::node_packages_in(&folder)?;
    let mut node = Command::new("node");
    shell::succeeds(node.arg(folder.join("run.mjs")).current_dir(folder))
}
