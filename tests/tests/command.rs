//! The `lua`-like command: finding the one that the tests run (`CU_COMMAND` if set, else `cu`, built on the spot), and
//! its exit codes, messages and modes.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The command, up to date.
pub fn find() -> PathBuf {
    static COMMAND: OnceLock<PathBuf> = OnceLock::new();
    COMMAND.get_or_init(build).clone()
}

fn build() -> PathBuf {
    if let Some(command) = env::var_os("CU_COMMAND") {
        return command.into();
    }
    // This binary is <target>/<profile>/deps/main-<hash>; the command lands two folders up.
    let this = env::current_exe().unwrap_or_else(|e| panic!("{e}"));
    let folder = this.ancestors().nth(2).unwrap_or(Path::new("."));
    let profile = if folder.ends_with("release") {
        "release"
    } else {
        "test"
    };
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "build",
            "--quiet",
            "--package",
            "cu",
            "--bin",
            "cu",
            "--profile",
            profile,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap_or_else(|e| panic!("cargo: {e}"));
    assert!(status.success(), "the cu command does not build");
    folder.join(format!("cu{}", env::consts::EXE_SUFFIX))
}

// ---- what the command does -------------------------------------------------------------------------------

/// What a run of the command left behind: exit code, output, error output. The command's path reads `lua`.
fn run(args: &[&str], input: &str, variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let command = find();
    let mut child = Command::new(&command)
        .args(args)
        .env_remove("LUA_INIT")
        .env_remove("LUA_INIT_5_4")
        .envs(variables.iter().copied())
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{e}"));
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read its input may have ended already.
        let _ = stdin.write_all(input.as_bytes());
    }
    let done = child.wait_with_output().unwrap_or_else(|e| panic!("{e}"));
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.replace(&command.display().to_string(), "lua")
    };
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn succeeds(args: &[&str], input: &str, variables: &[(&str, &str)], output: &str) {
    let expected = (Some(0), output.to_owned(), String::new());
    assert_eq!(run(args, input, variables), expected, "{args:?}");
}

/// The error output must begin with `error`.
fn fails(args: &[&str], input: &str, variables: &[(&str, &str)], output: &str, error: &str) {
    let (code, stdout, stderr) = run(args, input, variables);
    assert_eq!((code, stdout.as_str()), (Some(1), output), "{args:?}");
    assert!(stderr.starts_with(error), "{args:?}: {stderr}");
}

#[test]
fn scripts_that_cannot_be_read_are_named() {
    let missing = "lua: cannot open no_such.lua: No such file or directory\n";
    fails(&["no_such.lua"], "", &[], "", missing);
    if cfg!(target_os = "linux") {
        fails(&["."], "", &[], "", "lua: cannot read .: Is a directory\n");
    }
}

#[test]
fn standard_input_is_a_script() {
    succeeds(&["-", "a", "b"], "print(arg[2], ...)", &[], "b\ta\tb\n");
    succeeds(&[], "print(1)", &[], "1\n");
    fails(
        &["-"],
        "print(1) error('e')",
        &[],
        "1\n",
        "lua: stdin:1: e\nstack traceback:\n\t[C]: in function 'error'\n",
    );
    fails(
        &["-"],
        "x =",
        &[],
        "",
        "lua: stdin:1: unexpected symbol near <eof>\n",
    );
}

#[test]
fn statements_run_in_order_until_one_fails() {
    succeeds(&["-e", "x = 1", "-e", "print(x)"], "not read", &[], "1\n");
    let place = "lua: (command line):1: e\nstack traceback:\n";
    fails(
        &["-e", "print(1)", "-e", "error('e')", "-e", "print(2)"],
        "",
        &[],
        "1\n",
        place,
    );
    fails(
        &["-e", "x ="],
        "",
        &[],
        "",
        "lua: (command line):1: unexpected symbol near <eof>\n",
    );
    fails(
        &["-e"],
        "",
        &[],
        "",
        "lua: '-e' needs argument\nusage: lua [options] [script [args]]\n",
    );
    fails(
        &["-x"],
        "",
        &[],
        "",
        "lua: unrecognized option '-x'\nusage: ",
    );
}

#[test]
fn error_objects_are_shown_or_named() {
    fails(
        &["-e", "error({})"],
        "",
        &[],
        "",
        "lua: (error object is a table value)\n",
    );
    fails(
        &["-e", "error()"],
        "",
        &[],
        "",
        "lua: (error object is a nil value)\n",
    );
    let shown = "error(setmetatable({}, {__tostring = function() return 'shown' end}))";
    let (code, _, error) = run(&["-e", shown], "", &[]);
    assert_eq!((code, error.as_str()), (Some(1), "lua: shown\n"));
}

#[test]
fn variables_run_first_unless_ignored() {
    succeeds(
        &["-e", "print(2)"],
        "",
        &[("LUA_INIT", "print(1)")],
        "1\n2\n",
    );
    let both = [("LUA_INIT", "print(5)"), ("LUA_INIT_5_4", "print(54)")];
    succeeds(&["-e", "print(2)"], "", &both, "54\n2\n");
    succeeds(&["-E", "-e", "print(2)"], "", &both, "2\n");
    fails(
        &["-e", "print(2)"],
        "",
        &[("LUA_INIT", "error('e')")],
        "",
        "lua: LUA_INIT:1: e\n",
    );
    let missing = "lua: cannot open no_such.lua: No such file or directory\n";
    fails(
        &["-e", "print(2)"],
        "",
        &[("LUA_INIT", "@no_such.lua")],
        "",
        missing,
    );
}

#[test]
fn interactive_mode_works_without_a_terminal() {
    let input = "x = 3\n= x\nx + 1\nerror('e')\nfor i = 1, 2 do\nprint(i)\nend\nx =\n";
    let (code, output, error) = run(&["-i"], input, &[]);
    assert_eq!(code, Some(0), "{output}{error}");
    for shown in ["3\n", "4\n", "1\n2\n"] {
        assert!(output.contains(shown), "{output}");
    }
    assert!(
        error.starts_with("stdin:1: e\nstack traceback:\n"),
        "{error}"
    );
    // A statement that the input's end cuts off is left alone, or said to be unfinished.
    assert!(!error.contains("panicked"), "{error}");
}

#[test]
fn pending_variables_close_and_objects_are_finalized_at_the_end() {
    let program = "kept = setmetatable({}, {__gc = function() print('gc') end})
        local x <close> = setmetatable({}, {__close = function() print('close') end}) ";
    succeeds(&["-"], program, &[], "close\ngc\n");
    fails(
        &["-"],
        &format!("{program} error('e')"),
        &[],
        "close\ngc\n",
        "lua: stdin:2: e\n",
    );
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_ends_the_command() {
    let mut child = Command::new(find())
        .args(["-e", "while true do print('x') end"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("{e}"));
    // Nobody reads.
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap_or_else(|e| panic!("{e}"));
    assert!(!done.status.success());
    assert!(
        done.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

// ---- profiles --------------------------------------------------------------------------------------------

/// What a program sees of the world, as one line.
const LOOK: &str = "print(io.open('/etc/passwd') or io.open('C:/Windows/win.ini') ~= nil, os.getenv('PATH'), \
    io.popen and select(2, pcall(io.popen, 'echo x')), debug.getregistry, debug.sethook, type(debug.traceback()), \
    load(string.dump(function() end)))";

#[test]
fn a_closed_profile_sees_nothing_of_the_system() {
    for profile in ["--profile=sandbox", "--profile=deterministic"] {
        succeeds(
            &[profile, "-e", LOOK],
            "",
            &[("PATH_TO_SEE", "x")],
            "false\tnil\t'popen' not supported\tnil\tnil\tstring\tnil\tattempt to load a binary chunk (mode is 't')\n",
        );
        let files = "local f = assert(io.open('f', 'w')) f:write('kept') f:close() print(io.open('f'):read('a'))";
        succeeds(&[profile, "-e", files], "", &[], "kept\n");
        assert!(!Path::new(env!("CARGO_TARGET_TMPDIR")).join("f").exists());
        succeeds(&[profile, "-e", "print(io.read())"], "in\n", &[], "in\n");
        succeeds(
            &[profile, "-e", "print(1)"],
            "",
            &[("LUA_INIT", "print(2)")],
            "1\n",
        );
        let ended = run(&[profile, "-e", "io.write('o') os.exit(3)"], "", &[]);
        assert_eq!(ended, (Some(3), "o".to_owned(), String::new()));
    }
}

#[test]
fn the_deterministic_profile_repeats_itself() {
    let program = "print(os.time(), os.clock(), os.date(), math.random(1 << 40), {}, tostring(print)) \
        local t = {} for i = 1, 50 do t['k' .. i] = i end for k in pairs(t) do io.write(k, ' ') end print(os.tmpname())";
    let first = run(&["--profile=deterministic", "-e", program], "", &[]);
    assert_eq!(first.0, Some(0), "{first:?}");
    assert!(
        first.1.starts_with("0\t0.0\tThu Jan  1 00:00:00 1970\t"),
        "{first:?}"
    );
    assert_eq!(
        run(&["--profile=deterministic", "-e", program], "", &[]),
        first
    );
}

#[test]
fn a_script_of_a_closed_profile_is_found_and_may_not_be_binary() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let script = folder.join("profile.lua");
    let write = |text: &[u8]| std::fs::write(&script, text).unwrap_or_else(|e| panic!("{e}"));
    let name = script.display().to_string();
    write(b"print(...)");
    succeeds(&["--profile=sandbox", &name, "a"], "", &[], "a\n");
    write(b"\x1bLua");
    let (status, _, error) = run(&["--profile=sandbox", &name], "", &[]);
    assert_eq!(status, Some(1));
    assert!(error.contains("attempt to load a binary chunk"), "{error}");
}
