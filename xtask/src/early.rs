//! Builds that later parts of the tests need, begun while the earlier parts run.
//!
//! Most of a test run is done by one thread at a time: a linker, a page of Chromium, one campaign after the other. These
//! builds fill the time, and give way where they can. They lie in folders that no other build locks meanwhile, and what
//! fails here fails again, and is told, where it is needed.

use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use crate::{hosts, module, setup, shell, web};

/// Builds that are under way.
pub struct Builds {
    modules: JoinHandle<()>,
}

impl Builds {
    /// Begins them: the modules, and beside them, one after the other, what takes longer and is needed later.
    pub fn begin() -> shell::Result<Builds> {
        // What has to be fetched is fetched before anything else does so: two installers would get in each other's way.
        setup::wasm_target()?;
        setup::node_packages()?;
        // Failures are told by the part that needs what failed.
        let modules = thread::spawn(|| {
            let _ = module::ensure_shipped();
        });
        thread::spawn(|| {
            let _ = build_for_hosts();
        });
        Ok(Builds { modules })
    }

    /// Waits for the modules, which must not be built twice at once: wasm-opt has no lock. The other builds are cargo's,
    /// which waits by itself.
    pub fn wait_for_modules(self) {
        let _ = self.modules.join();
    }
}

/// The hosts in Rust, and the package's module.
fn build_for_hosts() -> shell::Result<()> {
    let is_nice = shell::exists("nice");
    let mut commands = hosts::builds()?;
    commands.push(web::module_build());
    for command in commands {
        let mut command = match is_nice {
            true => nice(&command),
            false => command,
        };
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
    Ok(())
}

/// The same command, which lets others go first.
fn nice(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.arg(command.get_program()).args(command.get_args());
    nice.current_dir(shell::root());
    nice
}
