//! Strings: short ones interned in a weak table, long ones hashed on demand.
//!
//! The hash is keyed by the heap's seed and computed from 64-bit little-endian words, so it is the same on
//! every engine and cannot be predicted by a program. It is a folded multiply as in wyhash (Wang Yi,
//! 2020): two words are combined with two secrets by a 64x64 to 128 bit product whose halves are xored.

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
}

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    let mut w = [0; 8];
    let n = bytes.len().min(8);
    w[..n].copy_from_slice(&bytes[..n]);
    u64::from_le_bytes(w)
}

const SECRET: [u64; 3] = [0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9, 0x4b33_a62e_d433_d4a3];

/// Keyed hash of a byte string.
#[inline]
pub(crate) fn hash_bytes(bytes: &[u8], seed: u64) -> u32 {
    let mut state = seed ^ SECRET[0];
    let mut rest = bytes;
    while rest.len() > 16 {
        state = fold(word(rest) ^ SECRET[1] ^ seed, word(&rest[8..]) ^ state);
        rest = &rest[16..];
    }
    let (low, high) = if rest.len() > 8 { (word(rest), word(&rest[8..])) } else { (word(rest), 0) };
    let mixed = fold(low ^ SECRET[1] ^ seed, high ^ state);
    let last = fold(mixed ^ SECRET[2], bytes.len() as u64 ^ SECRET[1]);
    (last ^ last >> 32) as u32
}

/// Keyed hash of a 64-bit number.
#[inline(always)]
pub(crate) fn hash_u64(x: u64, seed: u64) -> u32 {
    let mixed = (x ^ seed).wrapping_mul(SECRET[0] | 1);
    (mixed ^ mixed >> 32) as u32 ^ (mixed >> 47) as u32
}

impl Heap {
    /// The string with these bytes.
    pub fn new_string(&mut self, bytes: &[u8]) -> Result<*mut Str, OutOfMemory> {
        if bytes.len() <= MAX_SHORT {
            return self.intern(bytes);
        }
        let s = self.new_long(bytes.len())?;
        // SAFETY: `new_long` made room for that many bytes.
        unsafe {
            let at = s.cast::<u8>().add(Str::BYTES);
            at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
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
            s.write(Str { header: self.header(tag::STRING), len: len as u32, next: null_mut() });
        }
        Ok(s)
    }

    /// The interned string with these (at most 40) bytes.
    #[inline]
    pub fn intern(&mut self, bytes: &[u8]) -> Result<*mut Str, OutOfMemory> {
        let hash = hash_bytes(bytes, self.seed);
        let n = self.strings.buckets.len();
        if n != 0 {
            let mut s = self.strings.buckets[hash as usize & (n - 1)];
            while !s.is_null() {
                // SAFETY: the intern table holds only live strings; dead ones are unlinked when swept.
                unsafe {
                    if (*s).header.id == hash && Str::bytes(s) == bytes {
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
            at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
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
    #[inline]
    pub unsafe fn string_hash(&self, s: *mut Str) -> u32 {
        // SAFETY: by contract.
        unsafe {
            if (*s).header.flags & (str_flag::SHORT | str_flag::HASHED) == 0 {
                (*s).header.id = hash_bytes(Str::bytes(s), self.seed);
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
    unsafe { a == b || (!Str::is_short(a) && !Str::is_short(b) && Str::bytes(a) == Str::bytes(b)) }
}
