//! The interactive mode: read a chunk, run it, print its results.
//!
//! A chunk may take several lines: it goes on while the only thing wrong with it is that it ends
//! too early. A line that is an expression is taken as `return` with that expression, and so is one that
//! begins with `=`. Lines come from rustyline, with history, when standard input is a terminal, and
//! are read plainly otherwise.

#![allow(
    clippy::disallowed_methods,
    reason = "the command may look at the world"
)]

use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use cu::{FileId, Host, Slot};
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

use crate::session::{Failed, Session};

/// Name of every chunk that is typed in.
const CHUNK_NAME: &[u8] = b"=stdin";

/// What the message of a chunk that ends too early ends with.
const EOF_MARK: &[u8] = b"<eof>";

/// Reads and runs chunks until the input ends.
pub fn run(session: &mut Session) {
    let program = session.program.take();
    let mut lines = Lines::open();
    let start = session.vm.top();
    while let Some(read) = read_chunk(session, &mut lines) {
        if read.is_ok() && session.call(start, 0, None).is_ok() {
            print_results(session, start);
        }
        session.drop_from(start);
        if session.vm.is_exiting() {
            lines.close();
            return;
        }
    }
    lines.close();
    let _ = session.stdout.write(b"\n");
    let _ = session.stdout.flush();
    session.program = program;
}

/// Reads one chunk and pushes its function. `None` at the end of the input; a syntax error is
/// reported and `Failed`.
fn read_chunk(session: &mut Session, lines: &mut Lines) -> Option<Result<(), Failed>> {
    let prompt = prompt(session, b"_PROMPT", "> ");
    let line = match lines.read(session, &prompt) {
        Line::Text(line) => line,
        Line::Dropped => return Some(Err(Failed)),
        Line::End => return None,
    };
    let mut chunk = match line.strip_prefix(b"=") {
        Some(expression) => [b"return ", expression].concat(),
        None => line.clone(),
    };
    let as_expression = [b"return ", &chunk[..]].concat();
    let mut typed = line;
    if !matches!(try_load(session, &as_expression), Load::Done) {
        loop {
            match try_load(session, &chunk) {
                Load::Done => break,
                Load::Wrong => {
                    lines.remember(&typed);
                    return Some(session.load(&chunk, CHUNK_NAME));
                }
                Load::Incomplete => {}
            }
            let prompt = self::prompt(session, b"_PROMPT2", ">> ");
            match lines.read(session, &prompt) {
                Line::Text(more) => {
                    for text in [&mut chunk, &mut typed] {
                        text.push(b'\n');
                        text.extend_from_slice(&more);
                    }
                }
                Line::Dropped => return Some(Err(Failed)),
                // The input ends inside a chunk: say what is missing.
                Line::End => return Some(session.load(&chunk, CHUNK_NAME)),
            }
        }
    }
    lines.remember(&typed);
    Some(Ok(()))
}

/// How loading a chunk went.
enum Load {
    /// Its function is on the stack.
    Done,
    /// It ends too early.
    Incomplete,
    /// Something else is wrong with it.
    Wrong,
}

fn try_load(session: &mut Session, chunk: &[u8]) -> Load {
    let message = session.vm.top();
    let loaded = match session.vm.load_bytes(chunk, CHUNK_NAME, b"t") {
        Ok(true) => return Load::Done,
        Ok(false) => {
            let ends_early = session
                .vm
                .bytes(message)
                .is_some_and(|text| text.ends_with(EOF_MARK));
            if ends_early {
                Load::Incomplete
            } else {
                Load::Wrong
            }
        }
        Err(_) => {
            let _ = session.vm.take_error();
            Load::Wrong
        }
    };
    session.drop_from(message);
    loaded
}

/// Hands all values from `start` up to the global `print`.
fn print_results(session: &mut Session, start: Slot) {
    let n_results = session.vm.top().distance_from(start);
    if n_results == 0 {
        return;
    }
    let printed = session.vm.push_globals().and_then(|()| {
        let vm = &mut session.vm;
        let globals = start.offset(n_results);
        vm.get_name(globals, b"print")?;
        vm.remove(globals);
        vm.insert(start);
        vm.call(n_results, Some(0))
    });
    if printed.is_err() {
        let error = session.take_error(start);
        let text = session.text_of(error).unwrap_or_default();
        session.say(&[b"error calling 'print' (", &text[..], b")"].concat());
    }
}

/// The prompt: the global `name` as text, or `default` when that is nil.
fn prompt(session: &mut Session, name: &[u8], default: &str) -> String {
    let start = session.vm.top();
    let shown = session.guard(|session| {
        let vm = &mut session.vm;
        vm.push_globals()?;
        vm.get_name(start, name)?;
        if vm.is_none_or_nil(start.offset(1)) {
            return Ok(default.to_owned());
        }
        vm.tostring(start.offset(1))?;
        let text = vm.bytes(start.offset(2)).unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    });
    session.drop_from(start);
    shown.unwrap_or_else(|Failed| default.to_owned())
}

/// What reading a line gave.
enum Line {
    /// A line without its newline.
    Text(Vec<u8>),
    /// The user gave up the line (or it could not be read).
    Dropped,
    /// There is no more input.
    End,
}

/// Where lines come from.
enum Lines {
    /// A terminal, and the file its history is kept in.
    Edited(Box<Editor<(), FileHistory>>, Option<PathBuf>),
    /// Anything else.
    Plain,
}

impl Lines {
    fn open() -> Lines {
        if !stdin().is_terminal() {
            return Lines::Plain;
        }
        let Ok(mut editor) = Editor::with_config(Config::default()) else {
            return Lines::Plain;
        };
        let history = history_file();
        if let Some(file) = &history {
            // The first time there is none.
            let _ = editor.load_history(file);
        }
        Lines::Edited(Box::new(editor), history)
    }

    fn read(&mut self, session: &mut Session, prompt: &str) -> Line {
        // The editor writes to the terminal itself.
        let _ = session.stdout.flush();
        match self {
            Lines::Edited(editor, _) => match editor.readline(prompt) {
                Ok(line) => Line::Text(line.into_bytes()),
                Err(ReadlineError::Interrupted) => Line::Dropped,
                Err(ReadlineError::Eof) => Line::End,
                Err(error) => {
                    session.say(error.to_string().as_bytes());
                    Line::End
                }
            },
            Lines::Plain => {
                let _ = session.stdout.write(prompt.as_bytes());
                let _ = session.stdout.flush();
                read_line(session.vm.host())
            }
        }
    }

    /// Adds what was typed to the history.
    fn remember(&mut self, typed: &[u8]) {
        if let Lines::Edited(editor, _) = self {
            // A history that cannot be kept is no reason to stop.
            let _ = editor.add_history_entry(String::from_utf8_lossy(typed).into_owned());
        }
    }

    fn close(&mut self) {
        if let Lines::Edited(editor, Some(file)) = self {
            if let Some(folder) = file.parent() {
                let _ = std::fs::create_dir_all(folder);
            }
            let _ = editor.save_history(file);
        }
    }
}

/// A line of standard input, of which the program may read some, too.
fn read_line(host: &mut dyn Host) -> Line {
    let mut line = Vec::new();
    loop {
        let (n, ends) = match host.peek(FileId::STDIN) {
            Ok([]) | Err(_) if line.is_empty() => return Line::End,
            Ok([]) | Err(_) => return Line::Text(line),
            Ok(shown) => {
                let end = shown.iter().position(|&byte| byte == b'\n');
                let text = shown.get(..end.unwrap_or(shown.len())).unwrap_or(shown);
                line.extend_from_slice(text);
                (text.len() + usize::from(end.is_some()), end.is_some())
            }
        };
        host.consume(FileId::STDIN, n);
        if ends {
            return Line::Text(line);
        }
    }
}

/// `cu/history` in the folder where the user's programs keep their data.
fn history_file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = match set("XDG_DATA_HOME").or_else(|| set("APPDATA")) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(set("HOME")?).join(".local").join("share"),
    };
    Some(data.join("cu").join("history"))
}
