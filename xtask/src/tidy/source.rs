//! The files of the workspace, and their code without comments and literals.

use std::path::Path;

use crate::shell::{Result, file_failure};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 5] = [".git", ".cache", "dist", "node_modules", "target"];

/// Extensions of the files that are looked at.
const EXTENSIONS: [&str; 13] = [
    "rs", "toml", "md", "mjs", "js", "ts", "json", "lua", "html", "css", "yml", "sh", "txt",
];

/// A text file of the workspace.
#[derive(Debug)]
pub struct File {
    /// Its path below the root, with `/` on every system.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    /// Whether it is Rust source.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is the file `place`, or below it if that ends in `/`.
    pub fn is_in(&self, place: &str) -> bool {
        self.path == place || (place.ends_with('/') && self.path.starts_with(place))
    }
}

/// All text files below `root` that are ours.
pub fn files(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| file_failure(&folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| file_failure(&folder, error))?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    folders.push(path);
                }
                continue;
            }
            let extension = path.extension().unwrap_or_default().to_string_lossy();
            let is_script = path.parent() == Some(&root.join(".ci"));
            if !EXTENSIONS.contains(&&*extension) && !is_script {
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| file_failure(&path, error))?;
            let below = path.strip_prefix(root).unwrap_or(&path).to_string_lossy();
            // Test programs may hold any bytes.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            files.push(File {
                path: below.replace('\\', "/"),
                text,
            });
        }
    }
    Ok(files)
}

/// The identifiers and numbers of a line.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// Whether `line` names a path that begins with `folder`, rather than containing it further on.
pub fn names_absolute_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:,<>[".contains(c))
    })
}

/// Rust source with comments and literals taken out; lines stay lines.
pub fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if c == '"' {
            string(rest)
        } else if let Some(n) = raw_string(rest).filter(|_| !code.ends_with(is_word)) {
            n
        } else if c == '\'' {
            character(rest)
        } else {
            0
        };
        let taken = if skipped == 0 { c.len_utf8() } else { skipped };
        let (part, after) = rest.split_at(taken);
        if skipped == 0 {
            code.push(c);
        } else {
            code.extend(part.chars().filter(|&c| c == '\n'));
        }
        rest = after;
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Length of the block comment at the start of `text`; they nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of the string literal at the start of `text`.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of the raw string literal at the start of `text`, if there is one.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let n_hashes = after.chars().take_while(|&c| c == '#').count();
    let body = after.get(n_hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(n_hashes));
    let start = text.len() - body.len();
    Some(
        body.find(&end)
            .map_or(text.len(), |at| start + at + end.len()),
    )
}

/// Length of the character literal at the start of `text`; 0 if it is a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            text.get(after..)
                .and_then(|rest| rest.find('\''))
                .map_or(0, |end| after + end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_taken_out() {
        assert_eq!(code_only("a // b\nc"), "a \nc");
        assert_eq!(code_only("a /* b /* c */\n d */ e"), "a \n e");
        assert_eq!(code_only(r#"a("x\"y", 'z', '\'', 'l)"#), "a(, , , 'l)");
        assert_eq!(
            code_only("a(r#\"x\"y\"#, br\"z\") for r in b"),
            "a(, ) for r in b"
        );
        assert_eq!(code_only("b\"x // y\" '\"' z"), "b  z");
    }
}
