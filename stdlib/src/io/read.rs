//! Reading from files of the host: the formats of `read` and `lines`, and whole files for `loadfile`.
//!
//! The host shows what comes next ([`Host::peek`](cu_vm::Host::peek)); what is taken is copied into one of the
//! machine's buffers, which counts it, and then consumed. So a numeral can be read byte by byte and the byte that
//! does not belong to it stays where it is.

use cu_vm::{Args, FileId, HostError, OpenMode, Slot, Thrown, View, Vm};
use memchr::memchr;

use crate::answer;
use crate::args::append;

/// Where the formats are, and the number of the first one as an argument, from 0.
#[derive(Debug)]
pub struct Formats {
    /// The first format's slot.
    pub first: Slot,
    /// How many there are; none means a line.
    pub n: u32,
    /// The first format's number as an argument.
    pub arg: u32,
}

/// One thing to read.
#[derive(Clone, Copy, Debug)]
enum Format {
    Number,
    Line { keep_end: bool },
    All,
    Count(u64),
}

/// What became of a format.
enum Got {
    /// A value has been pushed.
    Value,
    /// There was nothing to read.
    Nothing,
    /// The host failed.
    Failed(HostError),
}

/// Reads by formats; the results are the top values, as many as it says. The first format that finds nothing gives
/// nil and is the last; a failure gives nil, message and number instead of everything.
pub fn read(vm: &mut Vm, args: Args, file: FileId, formats: &Formats) -> Result<u32, Thrown> {
    let n = formats.n.max(1);
    for i in 0..n {
        let format = if formats.n == 0 {
            Format::Line { keep_end: false }
        } else {
            check(
                vm,
                args,
                formats.first.offset(i),
                formats.arg.saturating_add(i),
            )?
        };
        match read_one(vm, file, format)? {
            Got::Value => {}
            Got::Nothing => {
                vm.push_nil()?;
                return Ok(i + 1);
            }
            Got::Failed(error) => {
                answer::failure(vm, &error, b"")?;
                return Ok(3);
            }
        }
    }
    Ok(n)
}

fn check(vm: &mut Vm, args: Args, slot: Slot, i: u32) -> Result<Format, Thrown> {
    match vm.view(slot) {
        View::Integer(n) => return Ok(Format::Count(n as u64)),
        View::Float(_) => {
            return match vm.to_integer(slot) {
                Some(n) => Ok(Format::Count(n as u64)),
                None => Err(vm.arg_error(args, i, &[b"number has no integer representation"])),
            };
        }
        View::String(text) => {
            // A star in front is how it was written once.
            match text.strip_prefix(b"*").unwrap_or(text).first() {
                Some(b'n') => return Ok(Format::Number),
                Some(b'l') => return Ok(Format::Line { keep_end: false }),
                Some(b'L') => return Ok(Format::Line { keep_end: true }),
                Some(b'a') => return Ok(Format::All),
                _ => {}
            }
        }
        _ => {
            let found = vm.type_name(slot);
            return Err(vm.arg_error(args, i, &[b"string expected, got ", &found]));
        }
    }
    Err(vm.arg_error(args, i, &[b"invalid format"]))
}

fn read_one(vm: &mut Vm, file: FileId, format: Format) -> Result<Got, Thrown> {
    let mut buffer = vm.take_buffer();
    let got = match format {
        Format::Number => fill_number(vm, file, &mut buffer),
        Format::Line { keep_end } => fill_line(vm, file, &mut buffer, keep_end),
        Format::All => fill_all(vm, file, &mut buffer),
        Format::Count(n) => fill_count(vm, file, &mut buffer, n),
    };
    match got {
        Ok(Got::Value) if matches!(format, Format::Number) => {
            let text = vm.top();
            vm.push_buffer(buffer)?;
            if vm.push_number(text)? {
                vm.remove(text);
                return Ok(Got::Value);
            }
            vm.pop(1);
            Ok(Got::Nothing)
        }
        Ok(Got::Value) => {
            vm.push_buffer(buffer)?;
            Ok(Got::Value)
        }
        other => {
            vm.drop_buffer(buffer);
            other
        }
    }
}

/// Moves the next `n` bytes, which the host has just shown, into the buffer.
fn take(vm: &mut Vm, file: FileId, buffer: &mut Vec<u8>, n: usize) -> Result<(), Thrown> {
    vm.charge(1 + n as u64 / 32)?;
    vm.reserve(buffer, n)?;
    if let Ok(shown) = vm.host().peek(file) {
        buffer.extend_from_slice(shown.get(..n).unwrap_or(shown));
    }
    vm.host().consume(file, n);
    Ok(())
}

/// Reads a line with its end, of standard input or another file; false at the end of the file.
pub(crate) fn line(vm: &mut Vm, file: FileId, buffer: &mut Vec<u8>) -> Result<bool, Thrown> {
    Ok(matches!(fill_line(vm, file, buffer, true)?, Got::Value))
}

fn fill_line(
    vm: &mut Vm,
    file: FileId,
    buffer: &mut Vec<u8>,
    keep_end: bool,
) -> Result<Got, Thrown> {
    loop {
        let (n, ends) = match vm.host().peek(file) {
            Err(error) => return Ok(Got::Failed(error)),
            Ok(shown) => match memchr(b'\n', shown) {
                Some(end) => (end + 1, true),
                None => (shown.len(), false),
            },
        };
        if n == 0 {
            // The last line may have no end.
            return Ok(if buffer.is_empty() {
                Got::Nothing
            } else {
                Got::Value
            });
        }
        take(vm, file, buffer, n)?;
        if ends {
            if !keep_end {
                buffer.pop();
            }
            return Ok(Got::Value);
        }
    }
}

fn fill_all(vm: &mut Vm, file: FileId, buffer: &mut Vec<u8>) -> Result<Got, Thrown> {
    loop {
        match vm.host().peek(file).map(<[u8]>::len) {
            Err(error) => return Ok(Got::Failed(error)),
            Ok(0) => return Ok(Got::Value),
            Ok(n) => take(vm, file, buffer, n)?,
        }
    }
}

fn fill_count(vm: &mut Vm, file: FileId, buffer: &mut Vec<u8>, count: u64) -> Result<Got, Thrown> {
    // What cannot be a size is refused before anything is read, as a buffer of that size would be.
    if i64::try_from(count).is_err() || count > isize::MAX as u64 / 2 {
        return Err(vm.out_of_memory());
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    loop {
        match vm.host().peek(file).map(<[u8]>::len) {
            Err(error) => return Ok(Got::Failed(error)),
            // Asking for nothing asks whether there is anything.
            Ok(0) if buffer.is_empty() => return Ok(Got::Nothing),
            Ok(0) => return Ok(Got::Value),
            Ok(n) => {
                let n = n.min(count - buffer.len());
                if n > 0 {
                    take(vm, file, buffer, n)?;
                }
            }
        }
        if buffer.len() == count {
            return Ok(Got::Value);
        }
    }
}

/// Longest numeral that is read.
const MOST_DIGITS: usize = 200;

/// Reads the longest text that may begin a numeral, whether or not it is one.
fn fill_number(vm: &mut Vm, file: FileId, buffer: &mut Vec<u8>) -> Result<Got, Thrown> {
    loop {
        let (n_spaces, n_shown) = match vm.host().peek(file) {
            Err(error) => return Ok(Got::Failed(error)),
            Ok(shown) => {
                let digits = shown.iter().position(|b| !matches!(b, b' ' | 9..=13));
                (digits.unwrap_or(shown.len()), shown.len())
            }
        };
        vm.charge(1 + n_spaces as u64 / 8)?;
        vm.host().consume(file, n_spaces);
        if n_spaces < n_shown || n_shown == 0 {
            break;
        }
    }
    let mut text = Numeral {
        bytes: [0; MOST_DIGITS],
        len: 0,
        too_long: false,
        failed: None,
    };
    text.one_of(vm, file, b"+-");
    let mut n_digits = 0;
    let mut hex = false;
    if text.one_of(vm, file, b"0") {
        if text.one_of(vm, file, b"xX") {
            hex = true;
        } else {
            n_digits = 1;
        }
    }
    n_digits += text.digits(vm, file, hex);
    if text.one_of(vm, file, b".") {
        n_digits += text.digits(vm, file, hex);
    }
    if n_digits > 0 && text.one_of(vm, file, if hex { b"pP" } else { b"eE" }) {
        text.one_of(vm, file, b"+-");
        text.digits(vm, file, false);
    }
    if let Some(error) = text.failed {
        return Ok(Got::Failed(error));
    }
    if text.too_long {
        return Ok(Got::Nothing);
    }
    append(vm, buffer, text.bytes.get(..text.len).unwrap_or_default())?;
    Ok(Got::Value)
}

/// A numeral being read.
struct Numeral {
    bytes: [u8; MOST_DIGITS],
    len: usize,
    too_long: bool,
    failed: Option<HostError>,
}

impl Numeral {
    /// Takes the next byte if it is one that is wanted and there is room for it.
    fn next(&mut self, vm: &mut Vm, file: FileId, wanted: impl Fn(u8) -> bool) -> bool {
        let byte = match vm.host().peek(file) {
            Ok(shown) => shown.first().copied(),
            Err(error) => {
                self.failed = Some(error);
                None
            }
        };
        let Some(byte) = byte.filter(|b| wanted(*b)) else {
            return false;
        };
        let Some(place) = self.bytes.get_mut(self.len) else {
            self.too_long = true;
            return false;
        };
        *place = byte;
        self.len += 1;
        vm.host().consume(file, 1);
        true
    }

    fn one_of(&mut self, vm: &mut Vm, file: FileId, set: &[u8]) -> bool {
        self.next(vm, file, |b| set.contains(&b))
    }

    fn digits(&mut self, vm: &mut Vm, file: FileId, hex: bool) -> usize {
        let mut n = 0;
        while self.next(vm, file, |b| {
            if hex {
                b.is_ascii_hexdigit()
            } else {
                b.is_ascii_digit()
            }
        }) {
            n += 1;
        }
        n
    }
}

/// Why a whole file could not be had.
#[derive(Debug)]
pub struct Unreadable {
    /// What failed: `open` or `read`.
    pub verb: &'static str,
    /// Why.
    pub error: HostError,
}

/// Reads a whole file, or what is left of standard input, into one of the machine's buffers. Give it back with
/// `drop_buffer`.
pub fn whole(vm: &mut Vm, name: Option<&[u8]>) -> Result<Result<Vec<u8>, Unreadable>, Thrown> {
    let file = match name {
        None => FileId::STDIN,
        Some(name) => match vm.with_files(|host| host.open(name, OpenMode::READ)) {
            Ok(file) => file,
            Err(error) => {
                return Ok(Err(Unreadable {
                    verb: "open",
                    error,
                }));
            }
        },
    };
    let mut buffer = vm.take_buffer();
    let got = fill_all(vm, file, &mut buffer);
    if name.is_some() {
        // Closing a file that was only read has nothing to tell.
        let _ = vm.with_files(|host| host.close(file));
    }
    let why = match got {
        Ok(Got::Failed(error)) => Ok(Err(Unreadable {
            verb: "read",
            error,
        })),
        Ok(Got::Value | Got::Nothing) => return Ok(Ok(buffer)),
        Err(thrown) => Err(thrown),
    };
    vm.drop_buffer(buffer);
    why
}
