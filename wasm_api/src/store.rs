//! The store of external tables: the five functions that the host lends the module.
//!
//! What it is not: it knows neither addresses nor the buffer (`abi.rs` puts keys and values where hosts look for
//! them), and no Lua values (`cu-ext-table` makes the bytes).
//!
//! Nothing that a host answers is trusted. A length is compared with the room that was offered, a key list is taken
//! apart only as far as it is consistent, and what makes no sense becomes a [`StoreError`], which a program sees as
//! a Lua error.
//!
//! ```text
//!   get, keys:   -1             not there, or longer than the room: asked once more with all the room there is
//!                0 <= n <= room an answer of n bytes
//!                n > room       a friendly host says what it needs: asked once more with n bytes
//! ```

use cu_ext_table::{Store, StoreError, StoreResult};

/// What a host is offered for a value at first: the upper three quarters of the buffer.
pub const VALUE_ROOM: usize = 49_152;

/// What a host is offered for a list of keys at first: the buffer.
pub const KEYS_ROOM: usize = 65_536;

/// The functions of the host, called with bytes. An answer is what the host returned, unchecked.
pub trait HostFunctions {
    /// `js_ext_table_set`
    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> i32;

    /// `js_ext_table_get` with room for `room` bytes. If the answer is from 0 to `room`, that many bytes are added to
    /// `value`. `None` when there is no memory for the room.
    fn get(&mut self, table: u32, key: &[u8], room: usize, value: &mut Vec<u8>) -> Option<i32>;

    /// `js_ext_table_delete`
    fn delete(&mut self, table: u32, key: &[u8]) -> i32;

    /// `js_ext_table_size`
    fn size(&mut self, table: u32) -> i32;

    /// `js_ext_table_keys`, as [`HostFunctions::get`].
    fn keys(&mut self, table: u32, room: usize, keys: &mut Vec<u8>) -> Option<i32>;

    /// How many bytes an answer may take at most: what memory allows now.
    fn most_room(&self) -> usize;
}

/// External tables kept by the host.
#[derive(Debug)]
pub struct ImportedStore<H> {
    host: H,
    /// The last list of keys, for the next one to be put there.
    list: Vec<u8>,
}

impl<H: HostFunctions> ImportedStore<H> {
    /// A store over these functions.
    pub fn new(host: H) -> ImportedStore<H> {
        ImportedStore {
            host,
            list: Vec::new(),
        }
    }
}

impl<H: HostFunctions> Store for ImportedStore<H> {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        let host = &mut self.host;
        let length = ask(VALUE_ROOM, host.most_room(), |room| {
            host.get(table, key, room, value)
        })?;
        // An empty answer is what hosts with stubs give; no value is encoded in no bytes.
        Ok(length.is_some_and(|length| length > 0))
    }

    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        match self.host.set(table, key, value) {
            0 => Ok(()),
            _ => Err(StoreError::Refused),
        }
    }

    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()> {
        // Some hosts answer -1 when the entry was not there, which is as well.
        if self.host.delete(table, key) != 0 && self.get(table, key, &mut Vec::new())? {
            return Err(StoreError::Refused);
        }
        Ok(())
    }

    fn size(&mut self, table: u32) -> StoreResult<u32> {
        u32::try_from(self.host.size(table)).map_err(|_| StoreError::Broken("a negative size"))
    }

    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        let size = self.size(table)? as usize;
        let mut list = std::mem::take(&mut self.list);
        list.clear();
        let host = &mut self.host;
        let most = if size > 0 { host.most_room() } else { 0 };
        let known = ask(KEYS_ROOM, most, |room| host.keys(table, room, &mut list));
        let result = match known {
            Ok(Some(_)) => self.split(table, size, &list, each).map(|()| true),
            Ok(None) if size == 0 => Ok(false),
            Ok(None) => Err(StoreError::Broken("a size, but no keys")),
            Err(error) => Err(error),
        };
        if list.capacity() > KEYS_ROOM {
            list = Vec::new();
        }
        self.list = list;
        result
    }
}

impl<H: HostFunctions> ImportedStore<H> {
    /// Takes a list of keys apart, whichever of the two formats in use it has.
    fn split(
        &mut self,
        table: u32,
        size: usize,
        list: &[u8],
        each: &mut dyn FnMut(&[u8]),
    ) -> StoreResult<()> {
        if is_counted(list, size) {
            let mut rest = list.get(4..).unwrap_or_default();
            while let Some((key, after)) = counted_key(rest) {
                each(key);
                rest = after;
            }
            return Ok(());
        }
        if list.is_empty() && size == 0 {
            return Ok(());
        }
        let n_lines = 1 + memchr_count(list);
        let (lines, n_lines) = match list.strip_suffix(b"\n") {
            // Some hosts end each key with the newline, others put it between keys.
            Some(lines) if n_lines != size => (lines, n_lines - 1),
            _ => (list, n_lines),
        };
        if n_lines == size {
            lines.split(is_newline).for_each(each);
            return Ok(());
        }
        self.join_lines(table, size, lines, each)
    }

    /// There are more lines than keys, because a key contains a newline: only lines, or lines put together,
    /// that are keys of the table are shown.
    fn join_lines(
        &mut self,
        table: u32,
        size: usize,
        lines: &[u8],
        each: &mut dyn FnMut(&[u8]),
    ) -> StoreResult<()> {
        let mut value = Vec::new();
        let (mut n_keys, mut start) = (0, 0);
        while start <= lines.len() {
            let from = lines.get(start..).unwrap_or_default();
            let ends = from.iter().enumerate().filter(|(_, byte)| is_newline(byte));
            let ends = ends.map(|(at, _)| at).chain([from.len()]);
            // A key of many lines is rare; trying all of them would take a hostile list for ever.
            let mut found = None;
            for end in ends.take(MOST_LINES) {
                value.clear();
                let key = from.get(..end).unwrap_or_default();
                if self.get(table, key, &mut value)? {
                    found = Some(end);
                    each(key);
                    break;
                }
            }
            let Some(end) = found else {
                return Err(StoreError::Broken("keys that are not in the table"));
            };
            n_keys += 1;
            start += end + 1;
        }
        if n_keys == size {
            Ok(())
        } else {
            Err(StoreError::Broken("not as many keys as its size"))
        }
    }
}

/// Most lines that one key is put together from.
const MOST_LINES: usize = 16;

fn is_newline(byte: &u8) -> bool {
    *byte == b'\n'
}

fn memchr_count(list: &[u8]) -> usize {
    list.iter().filter(|byte| is_newline(byte)).count()
}

/// Asks with the usual room and, where that may not have been enough, with more: the length of the answer, `None`
/// when the host has none.
#[inline(always)]
fn ask(
    usual: usize,
    most: usize,
    mut with: impl FnMut(usize) -> Option<i32>,
) -> StoreResult<Option<usize>> {
    let answer = with(usual).ok_or(StoreError::TooLarge(usual))?;
    match usize::try_from(answer) {
        Ok(length) if length <= usual => Ok(Some(length)),
        _ => ask_again(usual, answer, most, &mut with),
    }
}

/// After an answer that did not fit, or that may not have fitted.
#[cold]
fn ask_again(
    usual: usize,
    answer: i32,
    most: usize,
    with: &mut dyn FnMut(usize) -> Option<i32>,
) -> StoreResult<Option<usize>> {
    let (wanted, answer) = match usize::try_from(answer) {
        Ok(length) if length <= most => (length, with(length).ok_or(StoreError::TooLarge(length))?),
        Ok(length) => return Err(StoreError::TooLarge(length)),
        Err(_) => {
            // Free memory may be in pieces: the largest room that can be had.
            let rooms = std::iter::successors(Some(most), |room| Some(room / 2));
            let mut rooms = rooms.take_while(|room| *room > usual);
            match rooms.find_map(|room| with(room).map(|answer| (room, answer))) {
                Some(given) => given,
                None => return Ok(None),
            }
        }
    };
    match usize::try_from(answer) {
        Ok(length) if length <= wanted => Ok(Some(length)),
        Ok(_) => Err(StoreError::Broken("a length that grows")),
        Err(_) => Ok(None),
    }
}

/// Whether a list has the format `u32 count, then u32 length and bytes of each key`, with this count.
fn is_counted(list: &[u8], size: usize) -> bool {
    let Some((count, mut rest)) = list.split_first_chunk::<4>() else {
        return false;
    };
    if usize::try_from(u32::from_le_bytes(*count)) != Ok(size) {
        return false;
    }
    for _ in 0..size {
        match counted_key(rest) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.is_empty()
}

/// The first key of a counted list, and what follows it.
fn counted_key(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = list.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A host over a map, in the manner of those that exist.
    #[derive(Default)]
    struct Host {
        entries: BTreeMap<Vec<u8>, Vec<u8>>,
        counted: bool,
        tells_need: bool,
        ends_lines: bool,
        n_calls: usize,
    }

    impl Host {
        fn answer(&mut self, room: usize, bytes: &[u8], to: &mut Vec<u8>) -> Option<i32> {
            self.n_calls += 1;
            if bytes.len() <= room {
                to.extend_from_slice(bytes);
            } else if !self.tells_need {
                return Some(-1);
            }
            Some(bytes.len() as i32)
        }
    }

    impl HostFunctions for Host {
        fn set(&mut self, _: u32, key: &[u8], value: &[u8]) -> i32 {
            self.entries.insert(key.to_vec(), value.to_vec());
            0
        }
        fn get(&mut self, _: u32, key: &[u8], room: usize, value: &mut Vec<u8>) -> Option<i32> {
            match self.entries.get(key).cloned() {
                Some(bytes) => self.answer(room, &bytes, value),
                None => self.answer(0, b"?", value).map(|_| -1),
            }
        }
        fn delete(&mut self, _: u32, key: &[u8]) -> i32 {
            self.entries.remove(key).map_or(-1, |_| 0)
        }
        fn size(&mut self, _: u32) -> i32 {
            self.entries.len() as i32
        }
        fn keys(&mut self, _: u32, room: usize, keys: &mut Vec<u8>) -> Option<i32> {
            let names: Vec<&[u8]> = self.entries.keys().map(Vec::as_slice).collect();
            let list = if self.counted {
                let count = (names.len() as u32).to_le_bytes();
                let one = |name: &&[u8]| [&(name.len() as u32).to_le_bytes()[..], name].concat();
                [&count[..], &names.iter().flat_map(one).collect::<Vec<_>>()].concat()
            } else {
                let mut list = names.join(&b'\n');
                list.extend(self.ends_lines.then_some(b'\n'));
                list
            };
            self.answer(room, &list, keys)
        }
        fn most_room(&self) -> usize {
            1 << 20
        }
    }

    fn store(host: Host, keys: &[&[u8]]) -> ImportedStore<Host> {
        let mut store = ImportedStore::new(host);
        for key in keys {
            store.set(1, key, b"\x01\x01").unwrap();
        }
        store
    }

    fn keys(store: &mut ImportedStore<Host>) -> Vec<Vec<u8>> {
        let mut keys = Vec::new();
        let known = store.keys(1, &mut |key| keys.push(key.to_vec())).unwrap();
        assert!(known);
        keys
    }

    #[test]
    fn both_lists_of_keys_are_understood() {
        let names: [&[u8]; 3] = [b"a", b"bc", b"\xFF\0"];
        for (counted, ends_lines) in [(false, false), (false, true), (true, false)] {
            let host = Host {
                counted,
                ends_lines,
                ..Host::default()
            };
            assert_eq!(keys(&mut store(host, &names)), names);
        }
    }

    #[test]
    fn keys_with_newlines_are_put_together_again() {
        let names: [&[u8]; 4] = [b"a", b"b\nc", b"d\n\ne", b"f"];
        assert_eq!(keys(&mut store(Host::default(), &names)), names);
    }

    #[test]
    fn large_answers_get_more_room() {
        for tells_need in [false, true] {
            let host = Host {
                tells_need,
                ..Host::default()
            };
            let mut store = store(host, &[]);
            let large = vec![7; 200_000];
            store.set(1, b"k", &large).unwrap();
            let mut value = Vec::new();
            assert_eq!(store.get(1, b"k", &mut value), Ok(true));
            assert_eq!((value, store.host.n_calls), (large, 2));
            let long = vec![b'x'; 100_000];
            store.set(1, &long, b"\0").unwrap();
            assert_eq!(keys(&mut store), [b"k".to_vec(), long]);
        }
    }

    #[test]
    fn what_does_not_fit_at_all_is_an_error_where_the_host_says_so() {
        let host = Host {
            tells_need: true,
            ..Host::default()
        };
        let mut store = store(host, &[]);
        store.set(1, b"k", &vec![7; 2 << 20]).unwrap();
        let got = store.get(1, b"k", &mut Vec::new());
        assert_eq!(got, Err(StoreError::TooLarge(2 << 20)));
    }

    #[test]
    fn lists_that_lie_are_refused() {
        let mut bad = store(Host::default(), &[b"a", b"b"]);
        let mut each = |_: &[u8]| {};
        for list in [
            &b"a"[..],
            b"a\nb\nc",
            b"x\ny\nz",
            b"",
            b"\n\n\n",
            b"\x02\0\0\0\x09\0\0\0a",
        ] {
            assert!(bad.split(1, 2, list, &mut each).is_err(), "{list:?}");
        }
        assert!(is_counted(b"\x01\0\0\0\x01\0\0\0a", 1));
        for list in [
            &b"\x01\0\0\0\x02\0\0\0a"[..],
            b"\x01\0\0\0\x01\0\0\0ab",
            b"\x01\0\0",
        ] {
            assert!(!is_counted(list, 1), "{list:?}");
        }
    }

    #[test]
    fn lengths_are_never_taken_on_trust() {
        let lie = |answers: &[i32]| {
            let mut answers = answers.iter();
            ask(10, 100, |_| answers.next().copied())
        };
        assert_eq!(lie(&[10]), Ok(Some(10)));
        assert_eq!(lie(&[-7, 100]), Ok(Some(100)));
        assert_eq!(lie(&[-1, -1]), Ok(None));
        assert_eq!(lie(&[11, 11]), Ok(Some(11)));
        assert_eq!(
            lie(&[11, 12]),
            Err(StoreError::Broken("a length that grows"))
        );
        assert_eq!(lie(&[101]), Err(StoreError::TooLarge(101)));
        assert_eq!(
            lie(&[i32::MIN, i32::MAX]),
            Err(StoreError::Broken("a length that grows"))
        );
        assert_eq!(lie(&[]), Err(StoreError::TooLarge(10)));
        // Without memory for 100 and 50 bytes, 25 are offered.
        let mut rooms = Vec::new();
        let answer = ask(10, 100, |room| {
            rooms.push(room);
            (room <= 25).then_some(-1)
        });
        assert_eq!((answer, rooms), (Ok(None), vec![10, 100, 50, 25]));
    }
}
