//! Tokens as text, one a line, for golden tests and for looking at.

use crate::error::LexError;
use crate::lexer::Lexer;
use crate::meter::Meter;
use crate::token::TokenKind;
use std::fmt::Write;

/// The tokens of `source`: line, kind and spelling or value; an error ends the list.
pub fn dump_tokens(source: &[u8]) -> String {
    let mut meter = Meter::new(usize::MAX);
    let mut lexer = Lexer::new(source);
    let mut out = String::new();
    loop {
        let written = match lexer.next(&mut meter) {
            Ok(token) => {
                let _ = match token.kind {
                    TokenKind::Eos => {
                        let _ = writeln!(out, "{} <eof>", token.line);
                        return out;
                    }
                    TokenKind::Name | TokenKind::Stray => {
                        let text = lexer.slice(&token).escape_ascii();
                        writeln!(out, "{} {} {text}", token.line, token.kind.text())
                    }
                    TokenKind::Number => {
                        writeln!(out, "{} <number> {:?}", token.line, lexer.number())
                    }
                    TokenKind::String => {
                        let text = lexer.string().escape_ascii();
                        writeln!(out, "{} <string> \"{text}\"", token.line)
                    }
                    fixed => writeln!(out, "{} {}", token.line, fixed.text()),
                };
                continue;
            }
            Err(LexError::OutOfMemory) => writeln!(out, "out of memory"),
            Err(LexError::Malformed(error)) => {
                let mut message = Vec::new();
                match error.write(&mut message, &mut meter) {
                    Ok(()) => writeln!(out, "{} error: {}", error.line, message.escape_ascii()),
                    Err(_) => writeln!(out, "out of memory"),
                }
            }
        };
        // Writing to a String does not fail.
        let _ = written;
        return out;
    }
}
