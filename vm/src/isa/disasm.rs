//! Listings of prototypes, for people and for golden tests.
//!
//! One line for each instruction:
//!
//! ```text
//!     3  [1] get_upfield  r0 u0 k0          ; _ENV "print"
//! ```
//!
//! that is: number of its first word, source line, mnemonic, operands (`r` register, `k` constant, `u`
//! upvalue, `p` nested prototype, `->` the word jumped to), and in a comment what they stand for. A listing
//! is made of any data, verified or not: what cannot be decoded is shown as it is.

#![forbid(unsafe_code)]

use std::fmt::Write;

use super::{Instr, Kind, Op, VALUE_SIZE};
use crate::proto::{Const, ProtoData, VarKind};

/// The listing of a prototype and all prototypes in it.
pub fn list(proto: &ProtoData) -> String {
    let mut out = String::new();
    let mut pending = vec![(proto, String::from("main"))];
    while let Some((proto, path)) = pending.pop() {
        list_one(&mut out, proto, &path);
        for (idx, nested) in proto.protos.iter().enumerate().rev() {
            pending.push((nested, format!("{path}.{idx}")));
        }
    }
    out
}

fn list_one(out: &mut String, proto: &ProtoData, path: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    line(
        out,
        format_args!(
            "function {path} <{}:{},{}>: {}{} parameters, {} registers, {} words",
            text(&proto.source),
            proto.line_defined,
            proto.last_line_defined,
            proto.n_params,
            if proto.is_vararg { "+" } else { "" },
            proto.max_stack,
            proto.code.len(),
        ),
    );
    let mut pc = 0;
    while let Some(&word) = proto.code.get(pc) {
        let second = proto.code.get(pc + 1).copied();
        let size = instruction(out, proto, pc, Instr(word), second);
        pc += size;
    }
    section(out, "constants", &proto.consts, constant);
    section(out, "locals", &proto.locals, |local| {
        let (start, end) = (local.start_pc, local.end_pc);
        format!("r{} {} {start}..{end}", local.register, text(&local.name))
    });
    section(out, "upvalues", &proto.upvals, |upval| {
        let place = if upval.in_stack { "r" } else { "u" };
        let kind = match upval.kind {
            VarKind::Regular => "",
            VarKind::Const => " <const>",
            VarKind::Close => " <close>",
        };
        format!("{} {place}{}{kind}", text(&upval.name), upval.index)
    });
}

fn section<T>(out: &mut String, title: &str, items: &[T], show: impl Fn(&T) -> String) {
    if items.is_empty() {
        return;
    }
    line(out, format_args!("{title}:"));
    for (idx, item) in items.iter().enumerate() {
        line(out, format_args!("{idx:6}  {}", show(item)));
    }
}

/// Writes one instruction and gives its size in words.
fn instruction(
    out: &mut String,
    proto: &ProtoData,
    pc: usize,
    ins: Instr,
    second: Option<u64>,
) -> usize {
    let at = match proto.lines.get(pc) {
        Some(line) => format!("{pc:6}  [{line}]"),
        None => format!("{pc:6}  [?]"),
    };
    let Some(op) = ins.op() else {
        line(out, format_args!("{at} ??? {:#018x}", ins.0));
        return 1;
    };
    let info = op.info();
    let size = if info.wide { 2 } else { 1 };
    let mut shown = Shown {
        operands: String::new(),
        notes: String::new(),
    };
    shown.operand(proto, info.a, i64::from(ins.a()), 0);
    let next = pc as i64 + size as i64;
    match info.b {
        Kind::ImmD | Kind::JumpD => shown.operand(proto, info.b, i64::from(ins.sd()), next),
        Kind::ConstD | Kind::ProtoD => shown.operand(proto, info.b, i64::from(ins.d()), next),
        Kind::Imm => shown.operand(proto, info.b, i64::from(ins.b() as i16), next),
        _ => shown.operand(proto, info.b, i64::from(ins.b()), next),
    }
    match info.c {
        Kind::Imm => shown.operand(proto, info.c, i64::from(ins.c() as i16), next),
        _ => shown.operand(proto, info.c, i64::from(ins.c()), next),
    }
    if op == Op::SetList {
        shown.operand(proto, Kind::Count, second.unwrap_or(0) as i64, next);
    }
    if ins.f() != 0 {
        let _ = write!(shown.operands, " F={}", ins.f());
    }
    let Shown { operands, notes } = shown;
    if notes.is_empty() {
        line(out, format_args!("{at} {:<15}{operands}", op.name()));
    } else {
        line(
            out,
            format_args!("{at} {:<15}{operands:<20};{notes}", op.name()),
        );
    }
    size
}

struct Shown {
    operands: String,
    notes: String,
}

impl Shown {
    fn operand(&mut self, proto: &ProtoData, kind: Kind, value: i64, next: i64) {
        let name = match kind {
            Kind::None => return,
            Kind::Out | Kind::In | Kind::Window => scaled('r', value),
            Kind::Const | Kind::ConstName => {
                self.note_const(proto, value / VALUE_SIZE as i64);
                scaled('k', value)
            }
            Kind::ConstD => {
                self.note_const(proto, value);
                format!("k{value}")
            }
            Kind::Upval => {
                if let Some(upval) = proto.upvals.get(value as usize) {
                    self.note(&text(&upval.name));
                }
                format!("u{value}")
            }
            Kind::ProtoD => {
                if let Some(nested) = proto.protos.get(value as usize) {
                    self.note(&format!("line {}", nested.line_defined));
                }
                format!("p{value}")
            }
            Kind::Imm | Kind::ImmU | Kind::ImmD | Kind::Count => value.to_string(),
            Kind::Jump | Kind::JumpD => format!("-> {}", next + value),
        };
        let _ = write!(self.operands, " {name}");
    }

    fn note_const(&mut self, proto: &ProtoData, idx: i64) {
        if let Some(value) = proto.consts.get(idx as usize) {
            self.note(&constant(value));
        }
    }

    fn note(&mut self, words: &str) {
        self.notes.push(' ');
        self.notes.push_str(words);
    }
}

/// A register or constant; an operand that is no multiple of a value's size is shown as it is.
fn scaled(letter: char, value: i64) -> String {
    match value % VALUE_SIZE as i64 {
        0 => format!("{letter}{}", value / VALUE_SIZE as i64),
        _ => format!("{letter}?{value}"),
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::Nil => "nil".to_owned(),
        Const::Boolean(value) => value.to_string(),
        Const::Integer(value) => value.to_string(),
        Const::Float(value) => format!("{value:?}"),
        Const::String(bytes) => {
            const SHOWN: usize = 60;
            match bytes.get(..SHOWN) {
                Some(start) if bytes.len() > SHOWN => format!("\"{}\"...", start.escape_ascii()),
                _ => format!("\"{}\"", bytes.escape_ascii()),
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    match bytes {
        [] => "?".to_owned(),
        _ => bytes.escape_ascii().to_string(),
    }
}

fn line(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(words);
    out.push('\n');
}
