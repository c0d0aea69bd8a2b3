//! Builds that later parts of the tests need, begun while the earlier parts run.
//!
//! Most of a test run is done by one thread at a time: a linker, a page of Chromium, one campaign after the other. These
//! builds fill the time. They lie in folders that no other build locks meanwhile, and what fails here fails again, and
//! is told, where it is needed.

use std::process::Stdio;
use std::thread::{self, JoinHandle};

use crate::{hosts, module, setup, shell, web};

/// Builds that are under way.
pub struct Builds {
    modules: JoinHandle<()>,
}

impl Builds {
    /// Begins them, one after the other in threads of their own.
    pub fn begin() -> shell::Result<Builds> {
        // What has to be fetched is fetched before anything else does so: two installers would get in each other's way.
        setup::wasm_target()?;
        setup::node_packages()?;
        let modules = thread::spawn(|| {
            // Told by the part that needs them, as all failures here.
            let _ = module::ensure_shipped();
            thread::spawn(|| {
                let _ = build_for_hosts();
            });
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
    let mut commands = hosts::builds()?;
    commands.push(web::module_build());
    for mut command in commands {
        // One thread: the other parts are to get on with what they do.
        command.env("CARGO_BUILD_JOBS", "1");
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
    Ok(())
}
