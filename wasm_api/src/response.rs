//! What the host finds in the buffer after a call, byte by byte.
//!
//! ```text
//!   success:  u32 L | L bytes of captured output | value          returns the length of all
//!   error:    message | 00                                        returns -(length of message + 1)
//!
//!   value:    00                         nil
//!             01 00|01                   boolean
//!             02 i64                     integer
//!             03 f64                     float
//!             04 u32 length, bytes       string
//!             05 u32 id                  table: the external table with this id
//!             06                         function
//! ```
//!
//! All numbers are little-endian. This module knows bytes only: no machine, no buffer address.
//! It never fails: what does not fit is cut, as the documentation promises.

/// Size of the buffer that host and module share.
pub const BUFFER_SIZE: usize = 65_536;

/// Longest error message, in bytes; one NUL follows it.
pub const MAX_MESSAGE: usize = 65_525;

/// What stands for an empty error message, which no host could tell from "nothing to say".
const UNKNOWN_ERROR: &[u8] = b"Unknown error";

/// A result as the response can carry it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// `nil`, or no result at all.
    Nil,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float, integral or not.
    Float(f64),
    /// A string, or the text that stands for a value of another type.
    String(&'a [u8]),
    /// A table, which is to be found in the store.
    Table(u32),
    /// A function.
    Function,
}

/// Writes a success response at the start of `buffer` and returns its length.
///
/// Output and then the string of the value are cut to the room there is, with their length fields
/// adjusted; another value that does not fit is left out.
pub fn write_success(buffer: &mut [u8], output: &[u8], value: Value<'_>) -> usize {
    let mut writer = Writer {
        room: buffer,
        n_written: 0,
    };
    writer.counted(output);
    match value {
        Value::Nil => writer.whole(&[0]),
        Value::Boolean(b) => writer.whole(&[1, u8::from(b)]),
        Value::Integer(i) => writer.tagged(2, i.to_le_bytes()),
        Value::Float(f) => writer.tagged(3, f.to_le_bytes()),
        Value::Table(id) => {
            let [a, b, c, d] = id.to_le_bytes();
            writer.whole(&[5, a, b, c, d]);
        }
        Value::Function => writer.whole(&[6]),
        Value::String(bytes) => {
            // Tag and length need five bytes; an empty string is nothing but these.
            if writer.left() >= 5 {
                writer.whole(&[4]);
                writer.counted(bytes);
            }
        }
    }
    writer.n_written
}

/// Writes an error message and a NUL at the start of `buffer` and returns `-(length + 1)`.
///
/// The NUL is not counted: it is there for hosts that read one byte too many.
pub fn write_error(buffer: &mut [u8], message: &[u8]) -> i32 {
    let message = if message.is_empty() {
        UNKNOWN_ERROR
    } else {
        message
    };
    let n = message
        .len()
        .min(MAX_MESSAGE)
        .min(buffer.len().saturating_sub(1));
    let mut writer = Writer {
        room: buffer,
        n_written: 0,
    };
    writer.whole(message.get(..n).unwrap_or_default());
    writer.whole(&[0]);
    i32::try_from(n).map_or(-1, |n| -(n + 1))
}

/// The part of the buffer not yet written.
struct Writer<'b> {
    room: &'b mut [u8],
    n_written: usize,
}

impl Writer<'_> {
    fn left(&self) -> usize {
        self.room.len().saturating_sub(self.n_written)
    }

    /// Writes all of `bytes`, or nothing when they do not fit.
    fn whole(&mut self, bytes: &[u8]) {
        let end = self.n_written.saturating_add(bytes.len());
        if let Some(place) = self.room.get_mut(self.n_written..end) {
            place.copy_from_slice(bytes);
            self.n_written = end;
        }
    }

    fn tagged(&mut self, tag: u8, payload: [u8; 8]) {
        let [a, b, c, d, e, f, g, h] = payload;
        self.whole(&[tag, a, b, c, d, e, f, g, h]);
    }

    /// Writes a u32 length and as many of `bytes` as fit.
    fn counted(&mut self, bytes: &[u8]) {
        let n = bytes.len().min(self.left().saturating_sub(4));
        self.whole(&u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes());
        self.whole(bytes.get(..n).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn success(output: &[u8], value: Value<'_>) -> Vec<u8> {
        let mut buffer = vec![0xEE; BUFFER_SIZE];
        let n = write_success(&mut buffer, output, value);
        buffer.truncate(n);
        buffer
    }

    #[test]
    fn scalars_have_their_tags() {
        assert_eq!(success(b"", Value::Nil), [0, 0, 0, 0, 0]);
        assert_eq!(success(b"", Value::Boolean(true)), [0, 0, 0, 0, 1, 1]);
        assert_eq!(
            success(b"", Value::Integer(-1))[4..],
            [2, 255, 255, 255, 255, 255, 255, 255, 255]
        );
        assert_eq!(
            success(b"", Value::Float(1.0))[4..],
            [3, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
        );
        assert_eq!(success(b"", Value::String(b""))[4..], [4, 0, 0, 0, 0]);
        assert_eq!(success(b"", Value::Table(258))[4..], [5, 2, 1, 0, 0]);
        assert_eq!(success(b"", Value::Function)[4..], [6]);
    }

    #[test]
    fn output_comes_before_the_value() {
        assert_eq!(success(b"hi\n", Value::Nil), *b"\x03\0\0\0hi\n\0");
        assert_eq!(
            success(b"", Value::String(b"ab")),
            *b"\0\0\0\0\x04\x02\0\0\0ab"
        );
    }

    #[test]
    fn a_string_is_cut_to_what_fits() {
        let long = vec![b'y'; 70_000];
        let whole = success(b"", Value::String(&long));
        assert_eq!(whole.len(), BUFFER_SIZE);
        assert_eq!(whole[5..9], 65_527u32.to_le_bytes());
        let output = vec![b'a'; 60_000];
        let cut = success(&output, Value::String(&long));
        assert_eq!(cut.len(), BUFFER_SIZE);
        assert_eq!(cut[60_005..60_009], (65_536u32 - 60_009).to_le_bytes());
    }

    #[test]
    fn nothing_is_written_past_a_small_buffer() {
        let mut buffer = [7u8; 6];
        assert_eq!(write_success(&mut buffer, b"abc", Value::Integer(1)), 6);
        assert_eq!(buffer, *b"\x02\0\0\0ab");
        assert_eq!(write_success(&mut [], b"abc", Value::Nil), 0);
        assert_eq!(write_error(&mut [], b"abc"), -1);
    }

    #[test]
    fn an_error_is_counted_without_its_nul() {
        let mut buffer = vec![0xEE; BUFFER_SIZE];
        assert_eq!(write_error(&mut buffer, b"boom"), -5);
        assert_eq!(buffer[..5], *b"boom\0");
        assert_eq!(write_error(&mut buffer, b""), -14);
        assert_eq!(buffer[..14], *b"Unknown error\0");
        assert_eq!(write_error(&mut buffer, &vec![b'x'; 80_000]), -65_526);
        assert_eq!(buffer[65_524..65_526], *b"x\0");
    }
}
