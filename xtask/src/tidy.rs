//! `tidy`: rules of the project that no compiler checks.
//!
//! The rules that name crates and files are read from `ARCHITECTURE.md`, so that the document
//! and the check cannot differ: the table "Who may import whom", the table "Inside vm" and the
//! list "Where unsafe may live". The others are here:
//! - every Rust file opens with `//!`, so that it says what it is;
//! - a file of more than 1,000 lines has a line that begins with `// Long:` and gives the reason;
//! - no test is ignored;
//! - no file names an absolute path of somebody's machine.

mod rules;
mod source;

use std::path::Path;

use crate::shell::{self, Result};
use rules::Rules;
use source::File;

/// Longest file that needs no reason.
const MAX_LINES: usize = 1000;

/// Checks the workspace and prints what it finds; `false` if there is anything.
pub fn main() -> Result<bool> {
    let problems = problems(shell::root())?;
    for problem in &problems {
        shell::print(format!("{problem}\n").as_bytes());
    }
    shell::say(&match problems.len() {
        0 => "tidy: all is well".to_owned(),
        n => format!("tidy: {n} problems"),
    });
    Ok(problems.is_empty())
}

/// What breaks the rules in the workspace at `root`: one line each.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let rules = Rules::read(root)?;
    let mut problems = Vec::new();
    for crate_rule in &rules.crates {
        rules::check_manifest(root, &rules, crate_rule, &mut problems)?;
    }
    for file in source::files(root)? {
        check_paths(&file, &mut problems);
        if file.is_rust() {
            check_shape(&file, &mut problems);
            check_code(&file, &rules, &mut problems);
        }
    }
    problems.sort();
    Ok(problems)
}

fn check_shape(file: &File, problems: &mut Vec<String>) {
    if !file.text.starts_with("//!") {
        problems.push(format!("{}:1: does not open with //!", file.path));
    }
    let n_lines = file.text.lines().count();
    let has_reason = file.text.lines().any(|line| line.starts_with("// Long:"));
    if n_lines > MAX_LINES && !has_reason {
        problems.push(format!(
            "{}: {n_lines} lines, and no `// Long:` reason",
            file.path
        ));
    }
}

fn check_code(file: &File, rules: &Rules, problems: &mut Vec<String>) {
    let may_be_unsafe = rules.unsafe_places.iter().any(|place| file.is_in(place));
    for (number, line) in (1..).zip(source::code_only(&file.text).lines()) {
        if !may_be_unsafe && source::words(line).any(|word| word == "unsafe") {
            problems.push(format!(
                "{}:{number}: unsafe outside the listed places",
                file.path
            ));
        }
        if line.contains("#[ignore") {
            problems.push(format!("{}:{number}: an ignored test", file.path));
        }
        // Unit tests may use whatever they check against.
        let forbidden = if file.path.ends_with("/tests.rs") {
            Vec::new()
        } else {
            rules.forbidden_names(file, line)
        };
        for name in forbidden {
            problems.push(format!("{}:{number}: names {name}", file.path));
        }
    }
}

fn check_paths(file: &File, problems: &mut Vec<String>) {
    // Put together here, so that this file does not find itself.
    let folders = ["work", "root", "home", "Users"].map(|folder| format!("/{folder}/"));
    for (number, line) in (1..).zip(file.text.lines()) {
        if folders
            .iter()
            .any(|folder| source::names_absolute_path(line, folder))
        {
            problems.push(format!(
                "{}:{number}: an absolute path of a machine",
                file.path
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let problems = problems(shell::root()).unwrap_or_else(|failure| vec![failure.0]);
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    }

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn shape_is_checked() {
        let mut problems = Vec::new();
        check_shape(&file("a.rs", "fn main() {}\n"), &mut problems);
        check_shape(&file("b.rs", &"//! Long.\n".repeat(1001)), &mut problems);
        check_shape(
            &file(
                "c.rs",
                &("//! Long.\n".repeat(1001) + "// Long: a table.\n"),
            ),
            &mut problems,
        );
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn code_is_checked_and_comments_are_not() {
        let rules = Rules::parse(
            "## Where unsafe may live\n\n* `vm/src/heap/`\n\n## Who may import whom\n\n\
             | crate | may import |\n|---|---|\n| `lexer` | – |\n| `vm` | `lexer` |\n\n\
             ## Inside vm\n\n| file | never names |\n|---|---|\n| `vm/src/heap/` | `crate::interp` |\n",
        );
        let found = |path: &str, text: &str| {
            let mut problems = Vec::new();
            check_code(&file(path, text), &rules, &mut problems);
            problems
        };
        assert_eq!(found("vm/src/heap/mark.rs", "unsafe { x() }"), [""; 0]);
        assert_eq!(
            found(
                "vm/src/lua.rs",
                "// unsafe\nlet s = \"unsafe\"; #![forbid(unsafe_code)]"
            ),
            [""; 0]
        );
        assert_eq!(found("vm/src/lua.rs", "unsafe { x() }").len(), 1);
        assert_eq!(found("lexer/src/lib.rs", "use cu_vm::Vm;").len(), 1);
        assert_eq!(found("vm/src/lib.rs", "use cu_lexer::Meter;"), [""; 0]);
        assert_eq!(
            found("vm/src/heap/mark.rs", "use crate::interp::run;").len(),
            1
        );
        assert_eq!(found("vm/src/lua.rs", "#[ignore]").len(), 1);
    }

    #[test]
    fn absolute_paths_are_found() {
        let text = format!(
            "see {}, not examples/home/x",
            ["", "home", "me", "x"].join("/")
        );
        let mut problems = Vec::new();
        check_paths(&file("README.md", &text), &mut problems);
        check_paths(
            &file("README.md", "https://example.org/home/x network/root/"),
            &mut problems,
        );
        assert_eq!(problems.len(), 1);
    }
}
