//! Tests of the lexer as a whole: tokens, strings, lines and the text of every error.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use crate::token::Lines;
use crate::{LexError, Lexer, Meter, OutOfMemory, Token, TokenKind, dump_tokens};
use proptest::prelude::*;

fn lex(source: &[u8]) -> Result<Vec<Token>, LexError> {
    let mut meter = Meter::new(usize::MAX);
    let mut lexer = Lexer::new(source);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next(&mut meter)?;
        tokens.push(token);
        if token.kind == TokenKind::Eos {
            return Ok(tokens);
        }
    }
}

fn kinds(source: &str) -> Vec<TokenKind> {
    lex(source.as_bytes())
        .unwrap()
        .iter()
        .map(|token| token.kind)
        .collect()
}

/// The value of a source that is one string.
fn string(source: &[u8]) -> Vec<u8> {
    let mut meter = Meter::new(usize::MAX);
    let mut lexer = Lexer::new(source);
    let token = lexer.next(&mut meter).unwrap();
    assert_eq!(token.kind, TokenKind::String);
    let value = lexer.string().to_vec();
    assert_eq!(
        lexer.next(&mut meter).unwrap().kind,
        TokenKind::Eos,
        "in {}",
        source.escape_ascii()
    );
    value
}

/// Line and message of the first error.
fn error(source: &[u8]) -> (u32, String) {
    match lex(source) {
        Err(LexError::Malformed(error)) => {
            let mut message = Vec::new();
            error
                .write(&mut message, &mut Meter::new(usize::MAX))
                .unwrap();
            (
                error.line,
                message
                    .escape_ascii()
                    .to_string()
                    .replace("\\'", "'")
                    .replace("\\\"", "\""),
            )
        }
        other => panic!("{}: {other:?}", source.escape_ascii()),
    }
}

/// How a token is shown after `near`.
fn near(source: &[u8]) -> String {
    let mut meter = Meter::new(usize::MAX);
    let mut lexer = Lexer::new(source);
    let token = lexer.next(&mut meter).unwrap();
    let mut out = Vec::new();
    lexer.write_near(token, &mut out, &mut meter).unwrap();
    out.escape_ascii()
        .to_string()
        .replace("\\'", "'")
        .replace("\\\"", "\"")
        .replace("\\\\", "\\")
}

#[test]
fn every_fixed_token_is_found_by_its_spelling() {
    for &kind in TokenKind::ALL.iter().filter(|kind| kind.is_fixed()) {
        let text = kind.text();
        assert_eq!(kinds(text), [kind, TokenKind::Eos], "{text}");
        assert_eq!(
            kinds(&format!(" {text}\t{text}\n")),
            [kind, kind, TokenKind::Eos],
            "{text}"
        );
        assert_eq!(near(text.as_bytes()), format!(" near '{text}'"));
    }
}

#[test]
fn the_tables_of_bytes_agree_with_the_automaton() {
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            let source = [first, second, b' ', b'x'];
            let lines = Lines { line: 1 };
            let by_automaton = logos::Lexer::<TokenKind>::with_extras(&source, lines).next();
            let mut meter = Meter::new(usize::MAX);
            let found = Lexer::new(&source).next(&mut meter).map(|token| token.kind);
            match (by_automaton, found) {
                (Some(Ok(TokenKind::Name)), Ok(kind)) => {
                    let is_word = kind.text().as_bytes() == &source[..2];
                    assert!(kind == TokenKind::Name || is_word, "{source:?}");
                }
                (Some(Ok(kind)), Ok(found)) => assert_eq!(kind, found, "{source:?}"),
                (None, Ok(found)) => assert_eq!(found, TokenKind::Eos),
                // Readers of strings and numerals may refuse what the automaton found.
                (by_automaton, Err(_)) => assert!(
                    matches!(
                        by_automaton,
                        Some(Err(_) | Ok(TokenKind::String | TokenKind::Number))
                    ),
                    "{source:?}"
                ),
                (Some(Err(_)), Ok(kind)) => panic!("{source:?}: {kind:?}"),
            }
        }
    }
}

#[test]
fn every_open_token_is_found_by_its_pattern() {
    assert_eq!(
        kinds("_x9 andy"),
        [TokenKind::Name, TokenKind::Name, TokenKind::Eos]
    );
    assert_eq!(kinds("_ a A1 elseiff endd"), {
        let mut names = vec![TokenKind::Name; 5];
        names.push(TokenKind::Eos);
        names
    });
    assert_eq!(kinds("0 .5 3."), {
        let mut numbers = vec![TokenKind::Number; 3];
        numbers.push(TokenKind::Eos);
        numbers
    });
    assert_eq!(kinds("'' \"\" [[]] [=[]=]"), {
        let mut strings = vec![TokenKind::String; 4];
        strings.push(TokenKind::Eos);
        strings
    });
    assert_eq!(kinds("@ $ ! ? ` \\ \0 \x7f"), {
        let mut strays = vec![TokenKind::Stray; 8];
        strays.push(TokenKind::Eos);
        strays
    });
    assert_eq!(lex(b"\xff\xc3").unwrap().len(), 3);
}

#[test]
fn the_longest_token_wins() {
    use TokenKind::*;
    assert_eq!(kinds("a...b"), [Name, Dots, Name, Eos]);
    assert_eq!(kinds("a.. .b"), [Name, Concat, Dot, Name, Eos]);
    assert_eq!(kinds("...."), [Dots, Dot, Eos]);
    assert_eq!(kinds("a...5"), [Name, Dots, Number, Eos]);
    assert_eq!(kinds("a..5"), [Name, Concat, Number, Eos]);
    assert_eq!(
        kinds(">>=<<="),
        [ShiftRight, Assign, ShiftLeft, Assign, Eos]
    );
    assert_eq!(kinds("~==~~="), [NotEqual, Assign, Tilde, NotEqual, Eos]);
    assert_eq!(kinds(":::"), [DoubleColon, Colon, Eos]);
    assert_eq!(kinds("///"), [DoubleSlash, Slash, Eos]);
    assert_eq!(
        kinds("a[b[c]]"),
        [
            Name,
            LeftBracket,
            Name,
            LeftBracket,
            Name,
            RightBracket,
            RightBracket,
            Eos
        ]
    );
    assert_eq!(kinds("0xep1 -1"), [Number, Minus, Number, Eos]);
    assert_eq!(kinds("0xe+1"), [Number, Plus, Number, Eos]);
    assert_eq!(kinds("3-2"), [Number, Minus, Number, Eos]);
}

#[test]
fn comments_are_skipped() {
    use TokenKind::*;
    for source in [
        "--",
        "--x",
        "--\n",
        "--[[x]]",
        "--[[\n]]",
        "--[==[ ]] ]=] ]==]",
        "--[=x\n",
        "--[\n",
        "--[==",
        "--[[]]--",
        "-- [[\n",
    ] {
        assert_eq!(kinds(source), [Eos], "{source}");
    }
    assert_eq!(kinds("--[[x]]a--b\nc"), [Name, Name, Eos]);
    assert_eq!(kinds("- -"), [Minus, Minus, Eos]);
    assert_eq!(kinds(&"--[[]]--\n".repeat(100_000)), [Eos]);
}

#[test]
fn every_escape_stands_for_its_bytes() {
    assert_eq!(
        string(br#""\a\b\f\n\r\t\v\\\"\'""#),
        b"\x07\x08\x0C\n\r\t\x0B\\\"'"
    );
    assert_eq!(
        string(br#"'\a\b\f\n\r\t\v\\\"\''"#),
        b"\x07\x08\x0C\n\r\t\x0B\\\"'"
    );
    assert_eq!(string(br#""\x00\x7f\xFf""#), b"\x00\x7f\xff");
    assert_eq!(
        string(br#""\0\00\000\0001\65\0655\255\9x""#),
        b"\0\0\0\x001AA5\xff\tx"
    );
    assert_eq!(string(b"'a\\z  \n\t\r\n \x0B\x0C b'"), b"ab");
    assert_eq!(string(b"'a\\z'"), b"a");
    assert_eq!(string(b"'a\\\nb\\\rc\\\r\nd\\\n\re'"), b"a\nb\nc\nd\ne");
    assert_eq!(string(b"'\0\xff\"'"), b"\0\xff\"");
}

#[test]
fn code_points_are_encoded_in_up_to_six_bytes() {
    assert_eq!(string(br"'\u{0}'"), b"\0");
    assert_eq!(string(br"'\u{7F}'"), b"\x7F");
    assert_eq!(string(br"'\u{80}'"), b"\xC2\x80");
    assert_eq!(string(br"'\u{7FF}'"), b"\xDF\xBF");
    assert_eq!(string(br"'\u{800}'"), b"\xE0\xA0\x80");
    assert_eq!(string(br"'\u{d800}'"), b"\xED\xA0\x80");
    assert_eq!(string(br"'\u{FFFF}'"), b"\xEF\xBF\xBF");
    assert_eq!(string(br"'\u{10000}'"), b"\xF0\x90\x80\x80");
    assert_eq!(string(br"'\u{10FFFF}'"), b"\xF4\x8F\xBF\xBF");
    assert_eq!(string(br"'\u{1FFFFF}'"), b"\xF7\xBF\xBF\xBF");
    assert_eq!(string(br"'\u{200000}'"), b"\xF8\x88\x80\x80\x80");
    assert_eq!(string(br"'\u{3FFFFFF}'"), b"\xFB\xBF\xBF\xBF\xBF");
    assert_eq!(string(br"'\u{4000000}'"), b"\xFC\x84\x80\x80\x80\x80");
    assert_eq!(string(br"'\u{7FFFFFFF}'"), b"\xFD\xBF\xBF\xBF\xBF\xBF");
    assert_eq!(string(br"'\u{0000000000000041}'"), b"A");
    for code in (0..0x11_0000).step_by(61).filter_map(char::from_u32) {
        let source = format!("'\\u{{{:x}}}'", u32::from(code));
        assert_eq!(string(source.as_bytes()), code.to_string().as_bytes());
    }
}

#[test]
fn long_strings_keep_all_but_the_first_newline() {
    assert_eq!(string(b"[[]]"), b"");
    assert_eq!(string(b"[[a\\n]]"), b"a\\n");
    assert_eq!(string(b"[[\na\n]]"), b"a\n");
    assert_eq!(string(b"[[\r\n\r\na]]"), b"\na");
    assert_eq!(string(b"[[\n\r\n\r\ra]]"), b"\n\na");
    assert_eq!(string(b"[=[]]]=]"), b"]]");
    assert_eq!(string(b"[==[]=]]==]"), b"]=]");
    assert_eq!(string(b"[==[]=]==]"), b"]=");
    assert_eq!(string(b"[=[ ]==] ]=]"), b" ]==] ");
    assert_eq!(string(b"[[\0\xff]]"), b"\0\xff");
}

#[test]
fn each_form_of_newline_counts_once() {
    let line = |source: &str| lex(source.as_bytes()).unwrap().last().unwrap().line;
    assert_eq!(line(""), 1);
    assert_eq!(line("\n"), 2);
    assert_eq!(line("\r"), 2);
    assert_eq!(line("\r\n"), 2);
    assert_eq!(line("\n\r"), 2);
    assert_eq!(line("\n\n"), 3);
    assert_eq!(line("\r\r\n"), 3);
    assert_eq!(line("\n\r\n\r"), 3);
    assert_eq!(line("\n \r\n \n\r \r"), 5);
    assert_eq!(line("[[\n\r\n\r]]"), 3);
    assert_eq!(line("--[[\r\n\r\n]]\n"), 4);
    assert_eq!(line("-- x\r\n"), 2);
    assert_eq!(line("'\\\r\n\\\n\\z\n\n'"), 5);
}

#[test]
fn a_token_is_on_the_line_it_ends_on() {
    let tokens = lex(b"a [[\n\n]] b\n'\\\n' c").unwrap();
    let lines: Vec<u32> = tokens.iter().map(|token| token.line).collect();
    assert_eq!(lines, [1, 3, 3, 5, 5, 5]);
    let spans: Vec<_> = tokens
        .iter()
        .map(|token| (token.start, token.end))
        .collect();
    assert_eq!(
        spans,
        [(0, 1), (2, 8), (9, 10), (11, 15), (16, 17), (17, 17)]
    );
}

#[test]
fn lexing_may_start_anywhere() {
    let mut lexer = Lexer::at(b"a = [[\n]] b", 9, 7);
    let mut meter = Meter::new(0);
    let token = lexer.next(&mut meter).unwrap();
    assert_eq!(
        (token.kind, token.line, token.start),
        (TokenKind::Name, 7, 10)
    );
    let past_the_end = Lexer::at(b"a", 99, 1).next(&mut meter).unwrap();
    assert_eq!(past_the_end.kind, TokenKind::Eos);
}

#[test]
fn every_error_has_its_text() {
    let cases: &[(&[u8], u32, &str)] = &[
        (b"'abc", 1, "unfinished string near <eof>"),
        (b"\"abc\ndef\"", 1, "unfinished string near '\"abc'"),
        (b"\"abc\rdef\"", 1, "unfinished string near '\"abc'"),
        (
            b"'a\\n\\065\\\nb\n'",
            2,
            r"unfinished string near ''a\nA\nb'",
        ),
        (b"'\\", 1, "unfinished string near <eof>"),
        (b"'\\40", 1, "unfinished string near <eof>"),
        (b"'\\z \n ", 2, "unfinished string near <eof>"),
        (b"'a\0b\n", 1, "unfinished string near ''a'"),
        (br#""\q""#, 1, r#"invalid escape sequence near '"\\q'"#),
        (b"'\\\xff'", 1, r"invalid escape sequence near ''\\\xff'"),
        (
            br#""\400""#,
            1,
            r#"decimal escape too large near '"\\400"'"#,
        ),
        (b"'\\300", 1, r"decimal escape too large near ''\\300'"),
        (b"'\\999x'", 1, r"decimal escape too large near ''\\999x'"),
        (
            br#""\xZZ""#,
            1,
            r#"hexadecimal digit expected near '"\\xZ'"#,
        ),
        (
            br"'ab\x1'",
            1,
            r"hexadecimal digit expected near ''ab\\x1''",
        ),
        (b"'\\x", 1, r"hexadecimal digit expected near ''\\x'"),
        (br"'\u{}'", 1, r"hexadecimal digit expected near ''\\u{}'"),
        (br"'\u123'", 1, r"missing '{' near ''\\u1'"),
        (br"'\u{12'", 1, r"missing '}' near ''\\u{12''"),
        (br"'\u{12", 1, r"missing '}' near ''\\u{12'"),
        (
            br"'\u{80000000}'",
            1,
            r"UTF-8 value too large near ''\\u{80000000'",
        ),
        (
            br#""\u{110000000}""#,
            1,
            r#"UTF-8 value too large near '"\\u{110000000'"#,
        ),
        (
            b"[[abc",
            1,
            "unfinished long string (starting at line 1) near <eof>",
        ),
        (
            b"\n\n[==[\n]=]\n",
            5,
            "unfinished long string (starting at line 3) near <eof>",
        ),
        (
            b"\n--[[ ]=]\n\n",
            4,
            "unfinished long comment (starting at line 2) near <eof>",
        ),
        (
            b"--[=[",
            1,
            "unfinished long comment (starting at line 1) near <eof>",
        ),
        (b"[=a", 1, "invalid long string delimiter near '[='"),
        (b"[=== = ", 1, "invalid long string delimiter near '[==='"),
        (b"[=", 1, "invalid long string delimiter near '[='"),
        (b"0x", 1, "malformed number near '0x'"),
        (b"1e", 1, "malformed number near '1e'"),
        (b"3e+", 1, "malformed number near '3e+'"),
        (b"3xyz_", 1, "malformed number near '3x'"),
        (b"3_000", 1, "malformed number near '3_'"),
        (b"3.4.5", 1, "malformed number near '3.4.5'"),
        (b"1..2", 1, "malformed number near '1..2'"),
        (b"0x.p1", 1, "malformed number near '0x.p1'"),
        (b".0x", 1, "malformed number near '.0x'"),
        (b"0xep1p", 1, "malformed number near '0xep1p'"),
        (b"08a", 1, "malformed number near '08a'"),
    ];
    for &(source, line, message) in cases {
        assert_eq!(
            error(source),
            (line, message.to_owned()),
            "{}",
            source.escape_ascii()
        );
    }
}

#[test]
fn tokens_are_shown_as_lua_shows_them() {
    assert_eq!(near(b""), " near <eof>");
    assert_eq!(near(b"abc+"), " near 'abc'");
    assert_eq!(near(b"0x1P+1 "), " near '0x1P+1'");
    assert_eq!(near(b"'b\\065'"), " near ''bA''");
    assert_eq!(near(b"\"a\\0b\""), " near '\"a'");
    assert_eq!(near(b"[==[\nab]==]"), " near '[==[ab]==]'");
    assert_eq!(near(b"@"), " near '@'");
    assert_eq!(near(b"\x01"), " near '<\\1>'");
    assert_eq!(near(b"\x7f"), " near '<\\127>'");
    assert_eq!(near(b"\xff"), " near '<\\255>'");
    assert_eq!(near(b"\0"), "");
}

#[test]
fn memory_is_asked_for() {
    let mut lexer = Lexer::new(b"'01234\\t6789'");
    assert_eq!(lexer.next(&mut Meter::new(4)), Err(LexError::OutOfMemory));
    let mut lexer = Lexer::new(b"[[0123456789]]");
    assert_eq!(lexer.next(&mut Meter::new(4)), Err(LexError::OutOfMemory));
    assert_eq!(LexError::from(OutOfMemory), LexError::OutOfMemory);
}

#[test]
fn tokens_can_be_dumped() {
    assert_eq!(
        dump_tokens(b"local x = 'a\\n' -- c\n+ 0x10 1.5 @ 'b"),
        "1 local\n1 <name> x\n1 =\n1 <string> \"a\\n\"\n2 +\n2 <number> Integer(16)\n\
         2 <number> Float(1.5)\n2 <stray> @\n2 error: unfinished string near <eof>\n"
    );
    assert_eq!(dump_tokens(b""), "1 <eof>\n");
}

/// Text made of pieces that mean something to a lexer.
fn lua_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "\\", "'", "\"", "[", "]", "[=[", "]=]", "--", "--[[", "\n", "\r", "\\u{", "}", "\\x",
        "\\z", "7f", "0x", ".", "e", "p", "+", "1", "end", "x", " ", "\0", "~", "=",
    ]);
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_bytes_give_tokens_or_an_error(source in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = lex(&source);
    }

    #[test]
    fn lua_like_text_gives_tokens_in_order(source in lua_like()) {
        if let Ok(tokens) = lex(&source) {
            for pair in tokens.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
                prop_assert!(pair[0].line <= pair[1].line);
            }
            for token in tokens {
                prop_assert!((token.end as usize) <= source.len());
                prop_assert!(token.start < token.end || token.kind == TokenKind::Eos);
            }
        }
    }

    #[test]
    fn a_meter_never_gives_more_than_it_has(source in lua_like(), limit in 0usize..64) {
        let mut meter = Meter::new(limit);
        let mut lexer = Lexer::new(&source);
        while let Ok(token) = lexer.next(&mut meter) {
            if token.kind == TokenKind::Eos {
                break;
            }
        }
        prop_assert!(meter.left() <= limit);
    }

    #[test]
    fn escaped_bytes_come_back(value in prop::collection::vec(any::<u8>(), 0..50)) {
        let decimal: String = value.iter().map(|byte| format!("\\{byte:03}")).collect();
        prop_assert_eq!(string(format!("'{decimal}'").as_bytes()), value.clone());
        let hex: String = value.iter().map(|byte| format!("\\x{byte:02x}")).collect();
        prop_assert_eq!(string(format!("\"{hex}\"").as_bytes()), value);
    }
}
