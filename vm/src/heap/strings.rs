//! Strings: short ones interned in a weak table, long ones hashed on demand.
//!
//! The hash is keyed by the heap's seed and computed from 64-bit little-endian words, so it is the same on
//! every engine and cannot be predicted by a program. It is NH (Black, Halevi, Krawczyk, Krovetz, Rogaway:
//! UMAC, 1999): 32-bit halves plus secret keys, multiplied to 64 bits and summed, so that for two short strings
//! chosen without the keys the sums collide with a chance of about 2^-32. One multiplication for eight bytes: WebAssembly has
//! no 128-bit product.

use std::cmp::Ordering;
use std::ptr::null_mut;

use super::object::{Header, MAX_SHORT, Str, str_flag};
use super::{Heap, OutOfMemory};
use crate::value::tag;

/// Longest string there can be (so that lengths and sizes fit 32 bits everywhere).
pub(crate) const MAX_LEN: usize = i32::MAX as usize - 64;

/// The intern table: buckets chained through `Str::next`.
#[derive(Default)]
pub(crate) struct StringTable {
    pub buckets: Vec<*mut Str>,
    pub count: usize,
    pub bytes: ByteStrings,
}

/// The strings of one byte that were made since the last sweep began, by their bytes; null for the others. Programs that
/// go through texts make them over and over.
pub(crate) struct ByteStrings([*mut Str; 256]);

impl Default for ByteStrings {
    fn default() -> ByteStrings {
        ByteStrings([null_mut(); 256])
    }
}

impl ByteStrings {
    /// Forgets them: a sweep is about to begin, which may free them.
    pub fn forget(&mut self) {
        self.0 = [null_mut(); 256];
    }
}

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// Keys of the string hash, spread from a seed (splitmix64, Vigna).
pub(crate) fn hash_keys(seed: u64) -> [u64; 6] {
    let mut state = seed;
    [0; 6].map(|_: u64| {
        state = state.wrapping_add(MIX);
        let mut z = state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    })
}

/// One step of NH: the two halves of a word, keyed, multiplied.
#[inline(always)]
fn nh(word: u64, key: u64) -> u64 {
    let low = (word as u32).wrapping_add(key as u32);
    let high = ((word >> 32) as u32).wrapping_add((key >> 32) as u32);
    low as u64 * high as u64
}

#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> u64 {
    match bytes
        .get(at..at + 8)
        .and_then(|b| <[u8; 8]>::try_from(b).ok())
    {
        Some(b) => u64::from_le_bytes(b),
        None => 0,
    }
}

#[inline(always)]
fn half_at(bytes: &[u8], at: usize) -> u64 {
    match bytes
        .get(at..at + 4)
        .and_then(|b| <[u8; 4]>::try_from(b).ok())
    {
        Some(b) => u32::from_le_bytes(b) as u64,
        None => 0,
    }
}

/// Up to eight bytes in a word, which tells them from all others of their number.
#[inline(always)]
fn packed(bytes: &[u8]) -> u64 {
    let n = bytes.len();
    if n >= 4 {
        half_at(bytes, 0) | half_at(bytes, n - 4) << 32
    } else if n > 0 {
        // First, middle and last byte: all of up to three.
        bytes[0] as u64 | (bytes[n / 2] as u64) << 8 | (bytes[n - 1] as u64) << 16
    } else {
        0
    }
}

/// Keyed hash of a byte string.
#[inline(always)]
pub(crate) fn hash_bytes(bytes: &[u8], keys: &[u64; 6]) -> u32 {
    let n = bytes.len();
    let mut sum = (n as u64).wrapping_mul(MIX);
    if n <= 8 {
        sum = sum.wrapping_add(nh(packed(bytes), keys[0]));
    } else if n <= 40 {
        // Whole words, then the last eight bytes (which may overlap).
        let mut at = 0;
        let mut key = 0;
        while at + 8 < n {
            sum = sum.wrapping_add(nh(word_at(bytes, at), keys[key]));
            at += 8;
            key += 1;
        }
        sum = sum.wrapping_add(nh(word_at(bytes, n - 8), keys[5]));
    } else {
        let mut at = 0;
        while at + 8 < n {
            sum = sum
                .rotate_left(23)
                .wrapping_mul(MIX)
                .wrapping_add(nh(word_at(bytes, at), keys[0] ^ sum));
            at += 8;
        }
        sum = sum.wrapping_add(nh(word_at(bytes, n - 8), keys[5]));
    }
    let last = (sum ^ sum >> 29).wrapping_mul(keys[4] | 1);
    (last ^ last >> 32) as u32
}

/// Copies `n` bytes. Short copies are the rule, and on WebAssembly a bulk copy is a call into the engine: up to 64
/// bytes go word by word, the last word overlapping.
///
/// # Safety
/// Both ranges are valid and do not overlap.
#[inline(always)]
pub(crate) unsafe fn copy_bytes(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: every access below lies within the first or the last eight (four) bytes, or steps of eight below `n`.
    unsafe {
        if n > 64 {
            to.copy_from_nonoverlapping(from, n);
        } else if n >= 8 {
            let last = from.add(n - 8).cast::<u64>().read_unaligned();
            let mut at = 0;
            while at + 8 < n {
                let word = from.add(at).cast::<u64>().read_unaligned();
                to.add(at).cast::<u64>().write_unaligned(word);
                at += 8;
            }
            to.add(n - 8).cast::<u64>().write_unaligned(last);
        } else if n >= 4 {
            let first = from.cast::<u32>().read_unaligned();
            let last = from.add(n - 4).cast::<u32>().read_unaligned();
            to.cast::<u32>().write_unaligned(first);
            to.add(n - 4).cast::<u32>().write_unaligned(last);
        } else {
            for i in 0..n {
                *to.add(i) = *from.add(i);
            }
        }
    }
}

/// Copies as many bytes as both have.
#[inline]
pub fn copy_slice(to: &mut [u8], from: &[u8]) {
    // SAFETY: both are so long, and a mutable slice overlaps no other one.
    unsafe { copy_bytes(to.as_mut_ptr(), from.as_ptr(), to.len().min(from.len())) }
}

/// Whether both are the same bytes; word by word, where what WebAssembly gets for a comparison of slices goes byte by
/// byte.
#[inline]
pub(crate) fn equal_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    let words = a.iter().zip(b).all(|(a, b)| word(a) == word(b));
    words && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

/// The same for strings that nearly always are equal; short ones without a call.
#[inline(always)]
fn is_same(a: &[u8], b: &[u8]) -> bool {
    if b.len() <= 8 {
        a.len() == b.len() && packed(a) == packed(b)
    } else {
        equal_bytes(a, b)
    }
}

/// How these bytes stand to each other; word by word, as [`equal_bytes`].
pub(crate) fn order_bytes(a: &[u8], b: &[u8]) -> Ordering {
    let same = a.as_chunks().0.iter().zip(b.as_chunks().0);
    let same = same.take_while(|(a, b)| word(a) == word(b)).count() * 8;
    let (a, b) = (
        a.get(same..).unwrap_or_default(),
        b.get(same..).unwrap_or_default(),
    );
    let differing = a.iter().zip(b).find(|(a, b)| a != b);
    match differing {
        Some((a, b)) => a.cmp(b),
        None => a.len().cmp(&b.len()),
    }
}

#[inline(always)]
fn word(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// Keyed hash of an integer key: blocks of 64 neighbours stay neighbours (programs walk grids and ranges), the
/// blocks are scattered.
#[inline(always)]
pub(crate) fn hash_int(i: u64, seed: u64) -> u32 {
    (i as u32).wrapping_add((((i >> 6) ^ seed).wrapping_mul(MIX) >> 32) as u32)
}

/// Keyed hash of a 64-bit number.
#[inline(always)]
pub(crate) fn hash_u64(x: u64, seed: u64) -> u32 {
    let mixed = (x ^ seed).wrapping_mul(MIX);
    (mixed ^ mixed >> 32) as u32 ^ (mixed >> 47) as u32
}

impl Heap {
    /// The string with these bytes.
    pub fn new_string(&mut self, bytes: &[u8]) -> Result<*mut Str, OutOfMemory> {
        if let [byte] = bytes {
            return self.byte_string(*byte);
        }
        if bytes.len() <= MAX_SHORT {
            return self.intern(bytes);
        }
        let s = self.new_long(bytes.len())?;
        // SAFETY: `new_long` made room for that many bytes.
        unsafe {
            let at = s.cast::<u8>().add(Str::BYTES);
            copy_bytes(at, bytes.as_ptr(), bytes.len());
        }
        Ok(s)
    }

    /// The string of this byte.
    #[inline(always)]
    pub fn byte_string(&mut self, byte: u8) -> Result<*mut Str, OutOfMemory> {
        match self.strings.bytes.0[byte as usize] {
            s if !s.is_null() => Ok(s),
            _ => self.find_byte_string(byte),
        }
    }

    #[inline(never)]
    fn find_byte_string(&mut self, byte: u8) -> Result<*mut Str, OutOfMemory> {
        // Found or made, it is alive until the sweep after the next marking, and forgotten when that begins.
        let s = self.intern(&[byte])?;
        self.strings.bytes.0[byte as usize] = s;
        Ok(s)
    }

    /// A long string whose bytes the caller fills in at once.
    pub fn new_long(&mut self, len: usize) -> Result<*mut Str, OutOfMemory> {
        if len > MAX_LEN {
            return Err(OutOfMemory);
        }
        let s = self.alloc_cell(Str::BYTES + len)?.cast::<Str>();
        // SAFETY: a fresh cell, large enough.
        unsafe {
            s.write(Str {
                header: self.header(tag::STRING),
                len: len as u32,
                next: null_mut(),
            });
        }
        Ok(s)
    }

    /// The interned string with these (at most 40) bytes.
    #[inline(always)]
    pub fn intern(&mut self, bytes: &[u8]) -> Result<*mut Str, OutOfMemory> {
        let hash = hash_bytes(bytes, &self.keys);
        let n = self.strings.buckets.len();
        if n != 0 {
            let mut s = self.strings.buckets[hash as usize & (n - 1)];
            while !s.is_null() {
                // SAFETY: the intern table holds only live strings; dead ones are unlinked when swept.
                unsafe {
                    if (*s).header.id == hash && is_same(Str::bytes(s), bytes) {
                        self.revive(s.cast());
                        return Ok(s);
                    }
                    s = (*s).next;
                }
            }
        }
        self.intern_new(bytes, hash)
    }

    /// A string found by name may be dead but not swept yet: the cycle that condemned it has not freed it.
    #[inline(always)]
    unsafe fn revive(&mut self, object: *mut Header) {
        // SAFETY: the caller passes an object that has not been freed.
        unsafe {
            if super::sweep::is_dead(self, object) {
                (*object).mark ^= super::object::mark::WHITES;
            }
        }
    }

    #[inline(never)]
    fn intern_new(&mut self, bytes: &[u8], hash: u32) -> Result<*mut Str, OutOfMemory> {
        if self.strings.count >= self.strings.buckets.len() {
            self.grow_strings();
        }
        let s = self.alloc_cell(Str::BYTES + bytes.len())?.cast::<Str>();
        let n = self.strings.buckets.len();
        if n == 0 {
            return Err(OutOfMemory);
        }
        let bucket = &mut self.strings.buckets[hash as usize & (n - 1)];
        // SAFETY: a fresh cell, large enough for the struct and the bytes.
        unsafe {
            s.write(Str {
                header: Header {
                    kind: tag::STRING as u8,
                    mark: self.white,
                    flags: str_flag::SHORT,
                    extra: 0,
                    id: hash,
                },
                len: bytes.len() as u32,
                next: *bucket,
            });
            let at = s.cast::<u8>().add(Str::BYTES);
            copy_bytes(at, bytes.as_ptr(), bytes.len());
        }
        *bucket = s;
        self.strings.count += 1;
        Ok(s)
    }

    /// Doubles the intern table; when there is no memory for that, chains just get longer.
    fn grow_strings(&mut self) {
        let old = self.strings.buckets.len();
        let new = (old * 2).max(256);
        let bytes = (new - old) * size_of::<*mut Str>();
        if self.used + bytes > self.limit {
            return;
        }
        if self.strings.buckets.try_reserve_exact(new - old).is_err() {
            return;
        }
        self.used += bytes;
        self.strings.buckets.resize(new, null_mut());
        for i in 0..old {
            let mut s = std::mem::replace(&mut self.strings.buckets[i], null_mut());
            while !s.is_null() {
                // SAFETY: strings in the table are live.
                unsafe {
                    let next = (*s).next;
                    let bucket = &mut self.strings.buckets[(*s).header.id as usize & (new - 1)];
                    (*s).next = *bucket;
                    *bucket = s;
                    s = next;
                }
            }
        }
    }

    /// Gives back most of an intern table that has become nearly empty.
    pub fn shrink_strings(&mut self) {
        let old = self.strings.buckets.len();
        let new = (self.strings.count * 2).next_power_of_two().max(256);
        if new > old / 4 {
            return;
        }
        let mut buckets: Vec<*mut Str> = Vec::new();
        if buckets.try_reserve_exact(new).is_err() {
            return;
        }
        buckets.resize(new, null_mut());
        for first in std::mem::replace(&mut self.strings.buckets, buckets) {
            let mut s = first;
            while !s.is_null() {
                // SAFETY: strings in the table are live.
                unsafe {
                    let next = (*s).next;
                    let bucket = &mut self.strings.buckets[(*s).header.id as usize & (new - 1)];
                    (*s).next = *bucket;
                    *bucket = s;
                    s = next;
                }
            }
        }
        self.uncount((old - new) * size_of::<*mut Str>());
    }

    /// Takes a dying short string out of the intern table.
    ///
    /// # Safety
    /// `s` is a short string in the table.
    pub unsafe fn unlink(&mut self, s: *mut Str) {
        let n = self.strings.buckets.len();
        // SAFETY: by contract the chain leads to `s`.
        unsafe {
            let mut link: *mut *mut Str =
                &raw mut self.strings.buckets[(*s).header.id as usize & (n - 1)];
            while !(*link).is_null() {
                if *link == s {
                    *link = (*s).next;
                    self.strings.count -= 1;
                    return;
                }
                link = &raw mut (**link).next;
            }
        }
    }

    /// Hash of any string.
    ///
    /// # Safety
    /// `s` is live.
    #[inline(always)]
    pub unsafe fn string_hash(&self, s: *mut Str) -> u32 {
        // SAFETY: by contract.
        unsafe {
            if (*s).header.flags & (str_flag::SHORT | str_flag::HASHED) == 0 {
                (*s).header.id = hash_bytes(Str::bytes(s), &self.keys);
                (*s).header.flags |= str_flag::HASHED;
            }
            (*s).header.id
        }
    }
}

/// Equality of two strings: short ones by address, long ones by bytes.
///
/// # Safety
/// Both are live.
#[inline(always)]
pub(crate) unsafe fn equal(a: *const Str, b: *const Str) -> bool {
    // SAFETY: by contract.
    unsafe {
        a == b
            || (!Str::is_short(a) && !Str::is_short(b) && equal_bytes(Str::bytes(a), Str::bytes(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::{hash_bytes, hash_keys};

    /// Sixteen bytes whose hash under these keys does not depend on `i`: the low half of the first word cancels its
    /// key, so the product is zero whatever the high half is.
    fn colliding(i: u32, keys: &[u64; 6]) -> [u8; 16] {
        let mut bytes = [b'x'; 16];
        bytes[..4].copy_from_slice(&(keys[0] as u32).wrapping_neg().to_le_bytes());
        bytes[4..8].copy_from_slice(&i.to_le_bytes());
        bytes
    }

    #[test]
    fn strings_chosen_to_collide_do_so_under_the_seed_they_were_chosen_for_alone() {
        const N: u32 = 100_000;
        let known = hash_keys(0);
        let first = hash_bytes(&colliding(0, &known), &known);
        assert!((0..N).all(|i| hash_bytes(&colliding(i, &known), &known) == first));
        // `tests/src/prove/collide.rs` makes the same strings.
        assert_eq!(colliding(0, &known)[..4], 0x84E2_3251_u32.to_le_bytes());
        for seed in [1, 2, 0x6375, u64::MAX] {
            let keys = hash_keys(seed);
            let mut places: Vec<u32> = (0..N)
                .map(|i| hash_bytes(&colliding(i, &known), &keys) & 0x1_ffff)
                .collect();
            places.sort_unstable();
            let longest = places.chunk_by(|a, b| a == b).map(<[u32]>::len).max();
            places.dedup();
            // 100,000 random ones fill 70,000 of the 131,072 places, with chains of 8 or 9.
            assert!(
                places.len() > 50_000,
                "{} places under {seed}",
                places.len()
            );
            assert!(longest < Some(40), "{longest:?} in one place under {seed}");
        }
    }
}
