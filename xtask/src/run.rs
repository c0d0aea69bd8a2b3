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
    let module = module::ensure(module::Kind::Main)?;
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
    shell::print(listing(&bytes, file, what)?.as_bytes());
    Ok(())
}

/// The bytes of `file` as tokens, as a tree or as code.
fn listing(bytes: &[u8], file: &str, what: &str) -> Result<String> {
    let source = cu_lexer::skip_first_line_comment(bytes);
    let name = format!("@{file}");
    let mut meter = Meter::new(usize::MAX);
    Ok(match what {
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
    })
}

/// A failure with one of Lua's own messages.
fn lua_failure(message: &[u8]) -> Failure {
    Failure(String::from_utf8_lossy(message).into_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_shown_as_tokens_tree_or_code() {
        let source = b"#!first\nreturn 1";
        assert_eq!(
            listing(source, "f.lua", "tokens").unwrap(),
            "2 return\n2 <number> Integer(1)\n2 <eof>\n"
        );
        let tree = listing(source, "f.lua", "ast").unwrap();
        assert!(
            tree.starts_with("(chunk") && tree.contains("(integer 1"),
            "{tree}"
        );
        let code = listing(source, "f.lua", "code").unwrap();
        assert!(
            code.contains("<@f.lua:0,0>") && code.contains("load_int"),
            "{code}"
        );
    }

    #[test]
    fn refusals_are_those_of_lua_or_name_the_choice() {
        for what in ["ast", "code"] {
            let Failure(message) = listing(b"x = = 1", "f.lua", what).unwrap_err();
            assert_eq!(message, "f.lua:1: unexpected symbol near '='");
        }
        let Failure(message) = listing(b"", "f.lua", "bytes").unwrap_err();
        assert!(message.contains("tokens, ast and code"), "{message}");
    }
}
