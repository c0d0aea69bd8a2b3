//! Builds that later parts of the tests need, begun while the earlier parts run.
//!
//! Most of a test run is done by one thread at a time: a linker, a page of Chromium, one campaign after the other. These
//! builds fill the time. They lie in folders that no other build locks meanwhile, and what fails here fails again, and
//! is told, where it is needed.

use std::process::Stdio;
use std::thread;

use crate::{hosts, setup, shell, web};

/// Begins them, in a thread of its own. A build that is under way when its part comes is waited for by cargo.
pub fn begin() {
    let builds = || -> shell::Result<()> {
        let mut commands = hosts::builds()?;
        setup::wasm_target()?;
        commands.push(web::module_build());
        for mut command in commands {
            // One thread: the other parts are to get on with what they do.
            command.env("CARGO_BUILD_JOBS", "1");
            command.stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            // Told by the part that needs it.
            let _ = command.status();
        }
        Ok(())
    };
    thread::spawn(builds);
}
