//! What a fresh machine lacks: the WebAssembly target, Node's packages, wasmtime, the reference `lua5.4`.
//!
//! Nothing is installed that is there already, and system packages only as root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{self, Failure, Result, file_failure};

/// Makes sure that rustc can build for `wasm32-unknown-unknown`.
pub fn wasm_target() -> Result<()> {
    let target = "wasm32-unknown-unknown";
    let sysroot = shell::output(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(shell::root()),
    )?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(target)
        .exists()
    {
        return Ok(());
    }
    shell::say(&format!("installing the Rust target {target}"));
    shell::run(
        Command::new("rustup")
            .args(["target", "add", target])
            .current_dir(shell::root()),
    )
}

/// Makes sure that there is a Node with the packages of `package.json`.
pub fn node_packages() -> Result<()> {
    node_packages_in(shell::root())
}

/// The same for another folder with a `package.json`.
pub fn node_packages_in(folder: &Path) -> Result<()> {
    program("node", "nodejs")?;
    let modified = |path: &str| {
        folder
            .join(path)
            .metadata()
            .and_then(|data| data.modified())
            .ok()
    };
    let (installed, wanted) = (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    );
    if installed.is_some() && installed >= wanted {
        return Ok(());
    }
    program("npm", "npm")?;
    let packages = folder.join("node_modules");
    if packages.is_symlink() {
        // npm would empty the folder behind the link, which is somebody else's.
        fs::remove_file(&packages).map_err(|error| file_failure(&packages, error))?;
    }
    let name = folder.strip_prefix(shell::root()).unwrap_or(folder);
    shell::say(&format!(
        "installing the packages of {}",
        name.join("package.json").display()
    ));
    shell::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--silent"])
            .current_dir(folder),
    )
}

/// A Python that can import wasmtime: an environment of its own, with the wheel from PyPI.
pub fn wasmtime() -> Result<PathBuf> {
    const VERSION: &str = "50.0.1";
    let environment = shell::root()
        .join(".cache")
        .join(format!("wasmtime-{VERSION}"));
    let python = environment.join("bin").join("python");
    // The mark is left when everything else is there.
    let mark = environment.join("complete");
    if !mark.exists() {
        shell::say("installing wasmtime (PyPI)");
        shell::run(
            Command::new("python3")
                .args(["-m", "venv"])
                .arg(&environment),
        )?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet"]);
        shell::run(pip.arg(format!("wasmtime=={VERSION}")))?;
        fs::write(&mark, "").map_err(|error| file_failure(&mark, error))?;
    }
    Ok(python)
}

/// Makes sure that there is a Node.
pub fn node() -> Result<()> {
    program("node", "nodejs")
}

/// Makes sure that there is a Chromium.
pub fn chromium() -> Result<()> {
    program("chromium", "chromium")
}

/// Makes sure that there is a `lua5.4`.
pub fn lua54() -> Result<()> {
    program("lua5.4", "lua5.4")
}

/// Makes sure that `name` can be started; as root it is installed from Debian's `package`.
fn program(name: &str, package: &str) -> Result<()> {
    if shell::exists(name) {
        return Ok(());
    }
    let is_root = shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !shell::exists("apt-get") {
        return Err(Failure(format!(
            "`{name}` was not found; please install it (on Debian: apt-get install {package})."
        )));
    }
    shell::say(&format!("installing {package}"));
    // Without an index of packages the first attempt finds nothing.
    let install = || {
        let mut command = Command::new("apt-get");
        command.args(["install", "-y", "-qq", "--no-install-recommends", package]);
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::process::Stdio::null());
        command
    };
    if !shell::succeeds(&mut install())? {
        shell::run(Command::new("apt-get").args(["update", "-qq"]))?;
        shell::run(&mut install())?;
    }
    if shell::exists(name) {
        return Ok(());
    }
    Err(Failure(format!(
        "`{package}` was installed, but `{name}` cannot be started."
    )))
}
