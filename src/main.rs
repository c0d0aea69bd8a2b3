//! The `cu` command: what the standard `lua` 5.4 does, on cu's machine.
//!
//! Options, environment, script and interactive mode come in the order of the original, and so do
//! messages and exit codes: 0 when all went well, 1 after any error. The parts: `options.rs` reads
//! the command line, `session.rs` runs chunks and reports errors, `repl.rs` is the interactive mode.

#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    reason = "the command may look at the world"
)]

mod options;
mod repl;
mod session;

use std::ffi::OsString;
use std::io::{IsTerminal, stdin};
use std::process::ExitCode;
use std::rc::Rc;

use cu::host::{ClosedHost, NativeHost, Stdout, write_stderr};
use cu::{Host, Profile};

use crate::options::{Action, Options};
use crate::session::{Failed, Session};

/// What `-v` and the interactive mode begin with. The official suite wants a line that ends so.
const VERSION: &str = concat!(
    "cu ",
    env!("CARGO_PKG_VERSION"),
    ", compatible with Lua 5.4.8, PUC-Rio\n"
);

/// Environment variables with a chunk (or `@` and a file name) to run first; the first that is set.
const INIT_VARIABLES: [&str; 2] = ["LUA_INIT_5_4", "LUA_INIT"];

fn main() -> ExitCode {
    let args: Vec<Vec<u8>> = std::env::args_os().map(bytes).collect();
    let program = match args.first() {
        Some(name) if !name.is_empty() => name.clone(),
        _ => b"cu".to_vec(),
    };
    let parsed = options::parse(&args);
    let profile = parsed.as_ref().map_or(Profile::Full, |o| o.profile);
    let (host, stdout) = world(profile, parsed.as_ref().ok(), &args);
    let mut options = match parsed {
        Ok(options) => options,
        Err(options::BadOption(index)) => {
            let bad = args.get(index).map_or(&b""[..], Vec::as_slice);
            let _ = write_stderr(&stdout, &options::usage(&program, bad));
            return ExitCode::FAILURE;
        }
    };
    // The environment is no program's but in the full profile.
    options.ignore_environment |= profile != Profile::Full;
    if options.version {
        // `lua` does not look whether this could be written, either.
        let _ = stdout.write(VERSION.as_bytes());
    }
    let made = Session::new(host, Rc::clone(&stdout), profile.seed(), program.clone());
    let Ok(mut session) = made else {
        let message = [&program[..], b": cannot create state: not enough memory\n"].concat();
        let _ = write_stderr(&stdout, &message);
        return ExitCode::FAILURE;
    };
    let result = run(&mut session, &options, &args);
    session.vm.close();
    if let Some(status) = session.vm.take_exit_status() {
        // `os.exit` asked for the state to be closed first.
        session.vm.host().exit(status);
        // A closed host is no process.
        let _ = stdout.flush();
        std::process::exit(status);
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed) => ExitCode::FAILURE,
    }
}

/// The host of a profile, and its standard output. A closed one sees of the system's files the script alone.
fn world(
    profile: Profile,
    options: Option<&Options>,
    args: &[Vec<u8>],
) -> (Box<dyn Host>, Rc<Stdout>) {
    let mut closed = match profile {
        Profile::Full => {
            let host = NativeHost::new();
            let stdout = host.stdout();
            return (Box::new(host), stdout);
        }
        Profile::Sandbox => ClosedHost::new(),
        Profile::Deterministic => ClosedHost::deterministic(),
    };
    let script = options.and_then(|options| options.script);
    if let Some(index) = script
        && let Some(name) = script_name(args, index)
        && let Some(path) = std::env::args_os().nth(index)
        && let Ok(source) = std::fs::read(path)
    {
        // Without memory for it, it is not found.
        let _ = closed.files.put(name, &source);
    }
    let stdout = closed.stdout();
    (Box::new(closed), stdout)
}

fn run(session: &mut Session, options: &Options, args: &[Vec<u8>]) -> Result<(), Failed> {
    if options.ignore_environment {
        // Where the package library looks before it reads its own variables.
        let registry = session.vm.top();
        session.guard(|session| {
            let vm = &mut session.vm;
            vm.push_registry()?;
            vm.push_bool(true)?;
            vm.raw_set_name(registry, b"LUA_NOENV", registry.offset(1))?;
            vm.set_top(registry)
        })?;
    }
    if options.profile != Profile::Full {
        session.mode = b"t";
    }
    session.guard(|session| options.profile.open(&mut session.vm))?;
    session.set_arg_table(args, options.script)?;
    if !options.ignore_environment {
        run_init_variable(session)?;
    }
    for action in &options.actions {
        match action {
            Action::Execute(text) => session.run_text(text, b"=(command line)")?,
            Action::Require(text) => session.require(text)?,
            Action::WarningsOn => *session.vm.warnings_on() = true,
        }
    }
    if let Some(script) = options.script {
        session.run_script(script_name(args, script))?;
    }
    if options.interactive {
        repl::run(session);
    } else if options.script.is_none() && !options.executes() && !options.version {
        if stdin().is_terminal() {
            let _ = session.stdout.write(VERSION.as_bytes());
            repl::run(session);
        } else {
            session.run_file(None)?;
        }
    }
    Ok(())
}

/// Runs what `LUA_INIT_5_4`, or else `LUA_INIT`, says.
fn run_init_variable(session: &mut Session) -> Result<(), Failed> {
    let set = |name| std::env::var_os(name).map(|value| (name, bytes(value)));
    match INIT_VARIABLES.into_iter().find_map(set) {
        Some((name, value)) => match value.strip_prefix(b"@") {
            Some(file) => session.run_file(Some(file)),
            None => session.run_text(&value, format!("={name}").as_bytes()),
        },
        None => Ok(()),
    }
}

/// The script's file name; `None` is standard input, which `-` stands for unless it follows `--`.
fn script_name(args: &[Vec<u8>], script: usize) -> Option<&[u8]> {
    let name = args.get(script)?;
    let before = script.checked_sub(1).and_then(|index| args.get(index));
    if name == b"-" && before.is_none_or(|before| before != b"--") {
        None
    } else {
        Some(name)
    }
}

/// An argument or variable as Lua's bytes.
#[cfg(unix)]
fn bytes(text: OsString) -> Vec<u8> {
    use std::os::unix::ffi::OsStringExt;
    text.into_vec()
}

/// An argument or variable as Lua's bytes.
#[cfg(not(unix))]
fn bytes(text: OsString) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}
