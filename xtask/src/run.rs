//! `run FILE`: a Lua program inside WebAssembly; `--dump`: what the front end makes of it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use cu_lexer::Meter;
use cu_parser::ParseError;
use cu_vm::compile::{self, CompileError};

use crate::shell::{self, Failure, Result, file_failure};
use crate::{module, setup};

/// What is said when a source is too large for the machine we run on.
const NO_MEMORY: &[u8] = b"not enough memory";

/// Runs the first argument with the others; `false` if the program failed.
pub fn main(args: &[OsString]) -> Result<bool> {
    let (file, args) = match args {
        [file, dump, what] if dump == "--dump" => {
            return self::dump(&file.to_string_lossy(), &what.to_string_lossy()).map(|()| true);
        }
        [dump, what, file] if dump == "--dump" => {
            return self::dump(&file.to_string_lossy(), &what.to_string_lossy()).map(|()| true);
        }
        [file, args @ ..] => (file, args),
        [] => return Err(Failure("run needs a FILE.".to_owned())),
    };
    // Before a build that may take a minute.
    let path = Path::new(file);
    if path.is_dir() {
        return Err(file_failure(path, "Is a directory."));
    }
    fs::File::open(path).map_err(|error| file_failure(path, error))?;
    setup::node()?;
    let module = module::ensure(module::Kind::System)?;
    let mut node = Command::new("node");
    node.arg(shell::root().join("xtask/node/run.mjs"))
        .arg(module)
        .arg(file)
        .args(args);
    shell::succeeds(&mut node)
}

/// Prints a file as the lexer, the parser or the compiler sees it.
pub fn dump(file: &str, what: &str) -> Result<()> {
    let path = Path::new(file);
    let bytes = fs::read(path).map_err(|error| file_failure(path, error))?;
    let source = cu_lexer::skip_first_line_comment(&bytes);
    let name = format!("@{file}");
    let mut meter = Meter::new(usize::MAX);
    let text = match what {
        "tokens" => cu_lexer::dump_tokens(source),
        "ast" => {
            let tree =
                cu_parser::parse(source, name.as_bytes(), &mut meter).map_err(
                    |error| match error {
                        ParseError::Syntax(error) => lua_failure(&error.message),
                        ParseError::OutOfMemory => lua_failure(NO_MEMORY),
                    },
                )?;
            cu_parser::dump(&tree)
        }
        "code" => {
            let proto =
                compile::compile(source, name.as_bytes(), &mut meter).map_err(
                    |error| match error {
                        CompileError::Syntax { message, .. } => lua_failure(&message),
                        CompileError::OutOfMemory => lua_failure(NO_MEMORY),
                    },
                )?;
            cu_vm::isa::disasm::list(&proto)
        }
        other => {
            return Err(Failure(format!(
                "--dump {other}: there are tokens, ast and code to choose from."
            )));
        }
    };
    shell::print(text.as_bytes());
    Ok(())
}

/// A failure with one of Lua's own messages.
fn lua_failure(message: &[u8]) -> Failure {
    Failure(String::from_utf8_lossy(message).into_owned())
}
