//! `string.gsub`: replacement by string, table or function.

use cu_vm::{Args, NativeResult, Outcome, Slot, Thrown, Type, View, Vm};

use super::find::{Search, invalid_capture_index, push_capture, push_captures};
use super::pattern::{Capture, Captures};
use crate::args::{self, append, bytes};

/// How replacements are made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Replacement {
    /// A string without `%`.
    Plain,
    /// A string with `%`.
    Template,
    Table,
    Function,
}

/// `string.gsub(s, pattern, repl [, n])`
pub fn gsub(vm: &mut Vm, args: Args) -> NativeResult {
    let subject = args::string(vm, args, 0)?;
    let pattern = args::string(vm, args, 1)?;
    let len = bytes(vm, subject).len();
    // Before the replacement is looked at, as in PUC Lua: of two wrong arguments the fourth is the one named.
    let most = match args::opt_int(vm, args, 3, i64::MAX)? {
        n if n <= 0 => 0,
        n => n as u64,
    };
    let value = args.slot(2);
    let kind = match vm.type_of(value) {
        Type::Table => Replacement::Table,
        Type::Function => Replacement::Function,
        Type::Number | Type::String => {
            args::string(vm, args, 2)?;
            vm.charge(bytes(vm, value).len() as u64 / 32)?;
            if bytes(vm, value).contains(&b'%') {
                Replacement::Template
            } else {
                Replacement::Plain
            }
        }
        _ => return Err(vm.type_error(args, 2, "string/function/table")),
    };
    let mut job = Gsub {
        subject,
        value,
        kind,
        captures: Captures::new(),
        copied: 0,
        changed: false,
    };
    let anchored = bytes(vm, pattern).first() == Some(&b'^');
    let mut n = 0;
    let mut buffer = vm.take_buffer();
    let done = (|| {
        let mut search = Search {
            subject,
            pattern,
            anchored,
            from: 0,
            not_ending_at: None,
        };
        while n < most && search.from <= len {
            let found = if kind == Replacement::Plain {
                job.replace_plainly(vm, &mut buffer, &mut search, &mut n, most)?
            } else {
                search.run(vm, &mut job.captures)?
            };
            let Some((start, end)) = found else {
                break;
            };
            n += 1;
            job.replace(vm, &mut buffer, start, end)?;
            search.from = end;
            search.not_ending_at = Some(end);
            if anchored {
                break;
            }
        }
        if job.changed {
            job.copy_to(vm, &mut buffer, len)
        } else {
            Ok(())
        }
    })();
    if done.is_err() || !job.changed {
        vm.drop_buffer(buffer);
        done?;
        // The same string, not an equal one.
        vm.push_slot(subject)?;
    } else {
        vm.push_buffer(buffer)?;
    }
    vm.push_int(n as i64)?;
    Ok(Outcome::results(2))
}

/// Appends the string in a slot.
#[inline(always)]
fn append_string(vm: &mut Vm, buffer: &mut Vec<u8>, slot: Slot) -> Result<(), Thrown> {
    let len = vm.bytes(slot).map_or(0, <[u8]>::len);
    vm.charge(len as u64 / 32)?;
    vm.reserve(buffer, len)?;
    append_short(buffer, vm.bytes(slot).unwrap_or_default());
    Ok(())
}

/// Appends what there is room for; a few bytes without a call of the engine.
#[inline(always)]
fn append_short(buffer: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() <= 8 {
        for byte in bytes {
            buffer.push(*byte);
        }
    } else {
        buffer.extend_from_slice(bytes);
    }
}

struct Gsub {
    subject: Slot,
    value: Slot,
    kind: Replacement,
    captures: Captures,
    /// How much of the subject is dealt with: copied or replaced. Text is copied only when a replacement
    /// follows, so a call that changes nothing copies nothing.
    copied: usize,
    changed: bool,
}

impl Gsub {
    /// Copies the subject up to `end`.
    fn copy_to(&mut self, vm: &mut Vm, buffer: &mut Vec<u8>, end: usize) -> Result<(), Thrown> {
        let n = end.saturating_sub(self.copied);
        if n == 0 {
            return Ok(());
        }
        vm.charge(n as u64 / 32)?;
        vm.reserve(buffer, n)?;
        let subject = vm.bytes(self.subject).unwrap_or_default();
        append_short(buffer, subject.get(self.copied..end).unwrap_or_default());
        self.copied = end;
        Ok(())
    }

    /// Replaces what has room in the buffer and counts it in `n`; the first match that has none, if there is one.
    fn replace_plainly(
        &mut self,
        vm: &mut Vm,
        buffer: &mut Vec<u8>,
        search: &mut Search,
        n: &mut u64,
        most: u64,
    ) -> Result<Option<(usize, usize)>, Thrown> {
        let Gsub {
            captures,
            copied,
            changed,
            ..
        } = self;
        let (from, not_ending_at) = (search.from, search.not_ending_at);
        let mut now = Search {
            from,
            not_ending_at,
            ..*search
        };
        let found = search.matching(
            vm,
            self.value,
            captures,
            |_, _| None,
            |matcher, subject, text| {
                while *n < most && now.from <= subject.len() {
                    let Some((start, end)) = now.next(matcher)? else {
                        return Ok(None);
                    };
                    let before = subject.get(*copied..start).unwrap_or_default();
                    let has_room = before.len() + text.len() <= buffer.capacity() - buffer.len();
                    if !has_room {
                        return Ok(Some((start, end)));
                    }
                    matcher.charge(before.len() as u64 / 32 + text.len() as u64 / 32)?;
                    append_short(buffer, before);
                    append_short(buffer, text);
                    *copied = end;
                    *changed = true;
                    *n += 1;
                    now.from = end;
                    now.not_ending_at = Some(end);
                    if now.anchored {
                        return Ok(None);
                    }
                }
                Ok(None)
            },
        )?;
        search.from = now.from;
        search.not_ending_at = now.not_ending_at;
        Ok(found)
    }

    fn replace(
        &mut self,
        vm: &mut Vm,
        buffer: &mut Vec<u8>,
        start: usize,
        end: usize,
    ) -> Result<(), Thrown> {
        match self.kind {
            Replacement::Plain => {
                self.copy_to(vm, buffer, start)?;
                append_string(vm, buffer, self.value)?;
            }
            Replacement::Template => {
                self.copy_to(vm, buffer, start)?;
                self.expand(vm, buffer, start, end)?;
            }
            Replacement::Table | Replacement::Function => {
                let result = vm.top();
                if self.kind == Replacement::Function {
                    vm.push_slot(self.value)?;
                    let n = push_captures(vm, &self.captures, self.subject, start, end)?;
                    vm.call(n, Some(1))?;
                } else {
                    push_capture(vm, &self.captures, 0, self.subject, start, end)?;
                    vm.get(self.value, result)?;
                    vm.copy(result.offset(1), result);
                    vm.pop(1);
                }
                match vm.view(result) {
                    View::String(_) => {}
                    View::Integer(_) | View::Float(_) => {
                        vm.coerce_to_string(result)?;
                    }
                    // They keep the match as it is.
                    View::Nil | View::Boolean(false) => {
                        vm.pop(1);
                        return Ok(());
                    }
                    _ => {
                        let name = vm.type_of(result).name();
                        return Err(vm.error(&[
                            b"invalid replacement value (a ",
                            name.as_bytes(),
                            b")",
                        ]));
                    }
                }
                self.copy_to(vm, buffer, start)?;
                append_string(vm, buffer, result)?;
                vm.pop(1);
            }
        }
        self.copied = end;
        self.changed = true;
        Ok(())
    }

    /// Appends the replacement string with its `%` sequences replaced.
    fn expand(
        &self,
        vm: &mut Vm,
        buffer: &mut Vec<u8>,
        start: usize,
        end: usize,
    ) -> Result<(), Thrown> {
        let mut at = 0;
        loop {
            let rest = bytes(vm, self.value).get(at..).unwrap_or_default();
            let plain = memchr::memchr(b'%', rest);
            let code = plain.and_then(|i| rest.get(i + 1)).copied();
            let n = plain.unwrap_or(rest.len());
            vm.charge(1 + n as u64 / 32)?;
            vm.reserve(buffer, n)?;
            buffer.extend_from_slice(bytes(vm, self.value).get(at..at + n).unwrap_or_default());
            if plain.is_none() {
                return Ok(());
            }
            at += n + 2;
            let capture = match code {
                Some(b'%') => {
                    append(vm, buffer, b"%")?;
                    continue;
                }
                Some(b'0') => Some(Capture::Span(start, end)),
                Some(digit @ b'1'..=b'9') => {
                    let i = digit - b'1';
                    match self.captures.get(usize::from(i), start, end) {
                        None => return Err(invalid_capture_index(vm, i + 1)),
                        capture => capture,
                    }
                }
                _ => return Err(vm.error(&[b"invalid use of '%' in replacement string"])),
            };
            match capture {
                Some(Capture::Span(from, to)) => {
                    let n = to.saturating_sub(from);
                    vm.charge(n as u64 / 32)?;
                    vm.reserve(buffer, n)?;
                    buffer.extend_from_slice(
                        bytes(vm, self.subject).get(from..to).unwrap_or_default(),
                    );
                }
                Some(Capture::Position(position)) => {
                    let mut text = [0; 24];
                    append(
                        vm,
                        buffer,
                        cu_vm::number_text::write_integer(&mut text, position as i64 + 1),
                    )?;
                }
                _ => return Err(vm.error(&[b"unfinished capture"])),
            }
        }
    }
}
