//! A real `lua` that writes chunks.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cu_tests::{Engine, Expectation, Outcome, SuiteFile};

/// A program and its name in messages.
pub struct Source {
    pub name: String,
    pub text: Vec<u8>,
}

impl Source {
    /// All Lua files in a folder, by name.
    pub fn all_in(folder: &Path) -> Vec<Source> {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut sources = Vec::new();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.unwrap_or_default();
            if name.ends_with(".lua") {
                sources.push(Source {
                    name: name.to_owned(),
                    text: fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}")),
                });
            }
        }
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        sources
    }
}

/// A `lua` command of release 5.4.
pub struct Lua {
    command: String,
}

impl Lua {
    /// The command, if there is one.
    pub fn find() -> Option<Lua> {
        let command = env::var("CU_LUA").unwrap_or_else(|_| "lua5.4".into());
        let found = Command::new(&command)
            .arg("-v")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if found.is_err() {
            eprintln!("not run: no command {command}");
            return None;
        }
        Some(Lua { command })
    }

    /// The chunk of each source that compiles.
    pub fn dump(&self, sources: &[Source], strip: bool) -> Vec<Option<Vec<u8>>> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/puc/writer.lua");
        let mut child = Command::new(&self.command)
            .arg(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", self.command));
        let mut input = String::new();
        for source in sources {
            let (name, text) = (hex(source.name.as_bytes()), hex(&source.text));
            input.push_str(&format!("{} {name} {text}\n", u8::from(strip)));
        }
        let mut stdin = child.stdin.take();
        let writer = std::thread::spawn(move || {
            if let Some(stdin) = stdin.as_mut() {
                let _ = stdin.write_all(input.as_bytes());
            }
        });
        let done = child.wait_with_output();
        let done = done.unwrap_or_else(|e| panic!("{}: {e}", self.command));
        assert!(writer.join().is_ok() && done.status.success());
        let answers = String::from_utf8_lossy(&done.stdout).into_owned();
        let chunks: Vec<Option<Vec<u8>>> = answers.lines().map(unhex).collect();
        assert_eq!(chunks.len(), sources.len());
        chunks
    }

    /// What the command does with each program: source text, or a chunk. `folder` is for the files.
    pub fn run(&self, folder: &str, programs: &[Source]) -> Vec<Outcome> {
        let files: Vec<SuiteFile> = programs
            .iter()
            .map(|program| file(folder, program))
            .collect();
        let engine = Engine::Native {
            command: PathBuf::from(&self.command),
        };
        let outcomes = engine.run(&files);
        outcomes.unwrap_or_else(|e| panic!("{}: {e}", self.command))
    }
}

fn file(folder: &str, program: &Source) -> SuiteFile {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let path = folder.join(&program.name);
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, &program.text))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    SuiteFile {
        path,
        name: program.name.clone(),
        source: String::new(),
        expectation: Ok(Expectation::default()),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| DIGITS[usize::from(digit)]).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let bytes = digits?;
    Some(
        bytes
            .chunks(2)
            .map(|pair| (pair[0] << 4 | pair[1]) as u8)
            .collect(),
    )
}
