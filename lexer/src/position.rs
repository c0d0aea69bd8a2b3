//! How messages name a chunk, and where its first line begins.

/// The most bytes a chunk's name takes in a message, PUC's `LUA_IDSIZE` less the final NUL.
const MAX_LEN: usize = 59;

/// The most bytes of source shown in `[string "..."]`: what the frame and three dots leave.
const MAX_SHOWN: usize = MAX_LEN - b"[string \"".len() - b"...".len() - b"\"]".len();

/// The chunk's name as messages show it.
///
/// `=name` is shown as it is and `@file` as a file name, both cut to fit (a file name at its
/// beginning); anything else is source text, of which the first line is shown.
///
/// However long the name is, no more of it is read than is shown: the name may be a program's whole text, and it is
/// shown for every error. So a NUL ends a name that is cut at its end; of file names, load takes it off.
pub fn short_src(chunk_name: &[u8]) -> Vec<u8> {
    match chunk_name {
        [b'=', rest @ ..] => crate::error::until_nul(rest.get(..MAX_LEN).unwrap_or(rest)).to_vec(),
        [b'@', rest @ ..] if rest.len() <= MAX_LEN => rest.to_vec(),
        [b'@', rest @ ..] => {
            let shown = rest.len() - (MAX_LEN - b"...".len());
            [b"...", rest.get(shown..).unwrap_or_default()].concat()
        }
        text => {
            let text = crate::error::until_nul(text.get(..MAX_SHOWN + 1).unwrap_or(text));
            let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
            if line.len() == text.len() && text.len() < MAX_SHOWN {
                return [b"[string \"", text, b"\"]"].concat();
            }
            let shown = line.get(..MAX_SHOWN).unwrap_or(line);
            [b"[string \"", shown, b"...\"]"].concat()
        }
    }
}

/// A file's contents without a UTF-8 byte order mark and without a first line that begins with `#`.
///
/// The newline of that line stays, so that lines are counted as in the file.
pub fn skip_first_line_comment(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.first() != Some(&b'#') {
        return bytes;
    }
    match bytes.iter().position(|&byte| byte == b'\n') {
        Some(newline) => bytes.get(newline..).unwrap_or_default(),
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn shown(name: &str) -> String {
        String::from_utf8(short_src(name.as_bytes())).unwrap()
    }

    #[test]
    fn names_are_cut_at_59_bytes() {
        assert_eq!(shown("="), "");
        assert_eq!(shown("=stdin"), "stdin");
        assert_eq!(shown(&format!("={}", "a".repeat(59))), "a".repeat(59));
        assert_eq!(shown(&format!("={}b", "a".repeat(59))), "a".repeat(59));
        assert_eq!(shown("=a\nb"), "a\nb");
        assert_eq!(shown("=a\0b"), "a");
    }

    #[test]
    fn file_names_lose_their_beginning() {
        assert_eq!(shown("@"), "");
        assert_eq!(shown("@a.lua"), "a.lua");
        assert_eq!(shown(&format!("@{}", "a".repeat(59))), "a".repeat(59));
        assert_eq!(
            shown(&format!("@bbbbb{}", "a".repeat(60))),
            format!("...{}", "a".repeat(56))
        );
    }

    #[test]
    fn source_text_shows_its_first_line() {
        assert_eq!(shown(""), r#"[string ""]"#);
        assert_eq!(shown("x"), r#"[string "x"]"#);
        assert_eq!(shown("a\0b"), r#"[string "a"]"#);
        assert_eq!(shown("\n"), r#"[string "..."]"#);
        assert_eq!(shown("abc\n"), r#"[string "abc..."]"#);
        assert_eq!(shown("abc\ndef"), r#"[string "abc..."]"#);
        assert_eq!(shown("abc\rdef"), "[string \"abc\rdef\"]");
        assert_eq!(
            shown(&"a".repeat(44)),
            format!("[string \"{}\"]", "a".repeat(44))
        );
        assert_eq!(
            shown(&"a".repeat(45)),
            format!("[string \"{}...\"]", "a".repeat(45))
        );
        assert_eq!(
            shown(&"a".repeat(60)),
            format!("[string \"{}...\"]", "a".repeat(45))
        );
        assert_eq!(
            shown(&format!("{}\n", "a".repeat(60))),
            format!("[string \"{}...\"]", "a".repeat(45))
        );
    }

    #[test]
    fn a_first_line_comment_leaves_its_newline() {
        assert_eq!(skip_first_line_comment(b"#!lua\nreturn 1"), b"\nreturn 1");
        assert_eq!(skip_first_line_comment(b"\xEF\xBB\xBF#!lua\r\nx"), b"\nx");
        assert_eq!(skip_first_line_comment(b"\xEF\xBB\xBFreturn"), b"return");
        assert_eq!(skip_first_line_comment(b"# only"), b"");
        assert_eq!(skip_first_line_comment(b" # later"), b" # later");
        assert_eq!(skip_first_line_comment(b""), b"");
    }
}
