//! The imports: five functions over external tables and, in `cu-clock.wasm`, the time.
//!
//! ```text
//!   buffer:  0 ... 16383           16384 ... 65535
//!            the key               the value, coming or going        get, set, delete
//!            the list of keys                                        keys
//! ```
//!
//! What does not fit there lies elsewhere, and the host is given its address. While an import runs, the host may
//! call exports; those that need the machine refuse.

use cu_vm::copy_slice;

use crate::alloc;
use crate::buffer;
use crate::response::BUFFER_SIZE;
use crate::store::HostFunctions;

/// Where values begin in the buffer, which is how long a key may be there.
const VALUE_AT: usize = 16_384;

/// Length of a short answer.
const SHORT: usize = 16;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    // SAFETY: these are calls of the host, which may be given any numbers: it can spoil the data it was told the
    // place of and no more, unless it writes where it was not told to, which no module is safe from.
    safe fn js_ext_table_set(
        table: u32,
        key: *const u8,
        key_len: usize,
        value: *const u8,
        value_len: usize,
    ) -> i32;
    safe fn js_ext_table_get(
        table: u32,
        key: *const u8,
        key_len: usize,
        value: *mut u8,
        max_len: usize,
    ) -> i32;
    safe fn js_ext_table_delete(table: u32, key: *const u8, key_len: usize) -> i32;
    safe fn js_ext_table_size(table: u32) -> i32;
    safe fn js_ext_table_keys(table: u32, keys: *mut u8, max_len: usize) -> i32;
    #[cfg(feature = "clock")]
    safe fn js_time_now() -> f64;
}

/// The host's clock, if the module imports one.
pub fn clock() -> Option<fn() -> f64> {
    #[cfg(feature = "clock")]
    return Some(|| js_time_now());
    #[cfg(not(feature = "clock"))]
    None
}

/// The host of this instance.
#[derive(Debug)]
pub struct Imports;

impl HostFunctions for Imports {
    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> i32 {
        let (key_at, value_at) = (place(0, VALUE_AT, key), place(VALUE_AT, BUFFER_SIZE, value));
        js_ext_table_set(table, key_at, key.len(), value_at, value.len())
    }

    fn get(&mut self, table: u32, key: &[u8], room: usize, value: &mut Vec<u8>) -> Option<i32> {
        let key_at = place(0, VALUE_AT, key);
        answer(VALUE_AT, room, value, |at| {
            js_ext_table_get(table, key_at, key.len(), at, room)
        })
    }

    fn delete(&mut self, table: u32, key: &[u8]) -> i32 {
        js_ext_table_delete(table, place(0, VALUE_AT, key), key.len())
    }

    fn size(&mut self, table: u32) -> i32 {
        js_ext_table_size(table)
    }

    fn keys(&mut self, table: u32, room: usize, keys: &mut Vec<u8>) -> Option<i32> {
        answer(0, room, keys, |at| js_ext_table_keys(table, at, room))
    }

    fn most_room(&self) -> usize {
        // What comes in becomes a Lua string next, so that it is there twice for a moment.
        alloc::free_bytes() / 2
    }
}

/// Puts `bytes` into the buffer from `from` on if they end before `end`: where they are for the host to read.
#[inline(always)]
fn place(from: usize, end: usize, bytes: &[u8]) -> *const u8 {
    if bytes.len() <= end - from {
        buffer::with(|buffer| {
            if let Some(room) = buffer.get_mut(from..from + bytes.len()) {
                copy_slice(room, bytes);
            }
        });
        buffer::address().wrapping_add(from)
    } else {
        bytes.as_ptr()
    }
}

/// Lets the host write an answer of up to `room` bytes and adds it to `to`: in the buffer from `from` on, if that much
/// room is there.
#[inline(always)]
fn answer(
    from: usize,
    room: usize,
    to: &mut Vec<u8>,
    ask: impl FnOnce(*mut u8) -> i32,
) -> Option<i32> {
    if room <= BUFFER_SIZE - from {
        let length = ask(buffer::address().wrapping_add(from));
        if let Some(n) = within(length, room) {
            to.try_reserve(n.max(SHORT)).ok()?;
            buffer::with(|buffer| {
                let answer = buffer.get(from..).unwrap_or_default();
                match answer.first_chunk::<SHORT>() {
                    // A copy whose length is known needs no call.
                    Some(short) if n <= SHORT => {
                        to.extend_from_slice(short);
                        to.truncate(to.len() - (SHORT - n));
                    }
                    _ => to.extend_from_slice(answer.get(..n).unwrap_or_default()),
                }
            });
        }
        return Some(length);
    }
    to.try_reserve_exact(room).ok()?;
    let length = ask(to.spare_capacity_mut().as_mut_ptr().cast());
    if let Some(n) = within(length, room) {
        // SAFETY: there is room for that many bytes behind the present ones. In WebAssembly each of them has a value,
        // and the compiler, which does not know the import, has to take them as written by it.
        unsafe { to.set_len(to.len() + n) };
    }
    to.shrink_to_fit();
    Some(length)
}

/// The length of an answer that fits into `room`.
fn within(length: i32, room: usize) -> Option<usize> {
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= room)
}
