//! Tables: an array part for keys 1 to `len` and a chained scatter table for the rest.
//!
//! The hash part is a power-of-two array of nodes with Brent's variation: an entry that is not in its main
//! position only sits there because the main position's entry belongs there, so a chain holds keys of one
//! main position (Lua's own choice since 5.0; measured against hashbrown on wasm: twice as fast for the
//! sizes that programs have). A deleted entry keeps its key, so that a traversal can go on from it.
//!
//! Invariants:
//! - the hash part never holds a non-nil entry for an integer key from 1 to `len + 1`, so when the last array
//!   slot is not nil, `len` is a border;
//! - slots of the array part between `len` and `cap` are never read;
//! - an empty hash part is the heap's shared dummy node, whose key stays nil.
//!
//! Nothing here collects; nothing here knows metamethods.

use super::heap::object::*;
use super::heap::strings::{self, hash_int, hash_u64};
use super::heap::{Heap, OutOfMemory};
use crate::meta::Event;
use crate::native::Native;
use crate::number::float_to_int_exact;
use crate::value::{Value, tag};

const NODE: usize = size_of::<Node>();

/// Why a key cannot be used for a new entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetError {
    Nil,
    NaN,
    Memory,
}

impl From<OutOfMemory> for SetError {
    fn from(_: OutOfMemory) -> SetError {
        SetError::Memory
    }
}

/// Where an entry is.
pub(crate) enum Place {
    Array(*mut Value),
    Node(*mut Node),
    Absent,
}

/// The integer a float key stands for, or the key itself.
#[inline(always)]
pub(crate) fn normal_key(key: Value) -> Value {
    if key.is_float()
        && let Some(i) = float_to_int_exact(key.as_float())
    {
        return Value::int(i);
    }
    key
}

#[inline(always)]
pub(crate) unsafe fn node_at(t: *mut Table, hash: u32) -> *mut Node {
    // SAFETY: `node_bytes` is a power of two times 32, so the masked offset is that of a node.
    unsafe {
        (*t).nodes
            .byte_add(((hash as usize) * NODE) & ((*t).node_bytes as usize - NODE))
    }
}

/// Entry of the interned string `name`, or null. The entry's value may be nil.
#[inline(always)]
pub(crate) unsafe fn find_name(t: *mut Table, name: *const Str) -> *mut Node {
    // SAFETY: a live table's chains link nodes of its hash part.
    unsafe {
        let mut node = node_at(t, (*name).header.id);
        loop {
            if (*node).has_name(name) {
                return node;
            }
            let next = (*node).next;
            if next == 0 {
                return std::ptr::null_mut();
            }
            node = Table::follow(t, node, next);
        }
    }
}

/// As [`find_name`], where a call is better than a loop in the caller.
#[inline(never)]
pub(crate) unsafe fn find_name_call(t: *mut Table, name: *const Str) -> *mut Node {
    // SAFETY: by contract of `find_name`.
    unsafe { find_name(t, name) }
}

/// As [`find_name`], and notes where the node is for the next access.
#[inline(never)]
pub(crate) unsafe fn find_name_hint(t: *mut Table, name: *const Str, hint: *mut u32) -> *mut Node {
    // SAFETY: by contract of `find_name`; `hint` is half of an instruction's second word.
    unsafe {
        let node = find_name(t, name);
        if !node.is_null() {
            *hint = (node as usize - (*t).nodes as usize) as u32;
        }
        node
    }
}

/// As [`find_name`]: a look at the main position in line, a call for the rest of a chain.
#[inline(always)]
pub(crate) unsafe fn find_name_first(t: *mut Table, name: *const Str) -> *mut Node {
    // SAFETY: by contract of `find_name`.
    unsafe {
        let node = node_at(t, (*name).header.id);
        if (*node).has_name(name) {
            node
        } else if (*node).next == 0 {
            std::ptr::null_mut()
        } else {
            find_name_call(t, name)
        }
    }
}

/// Entry of a string that may be a long one: then null, whatever there is.
#[inline(always)]
pub(crate) unsafe fn find_short(t: *mut Table, key: *const Str) -> *mut Node {
    // SAFETY: by contract of `find_name`.
    unsafe {
        // Long strings are never in `kstr`, so the first look needs no test.
        let node = node_at(t, (*key).header.id);
        if (*node).has_name(key) {
            return node;
        }
        if !Str::is_short(key) {
            return std::ptr::null_mut();
        }
        find_name_call(t, key)
    }
}

/// `t[name] := value` for an interned name, where nothing else is to be done: there is an entry that is not nil, or the
/// table has no metatable and room for one. Notes where the node is for the next access. Otherwise false, and nothing
/// has changed.
#[inline(never)]
pub(crate) unsafe fn set_name(
    heap: &mut Heap,
    t: *mut Table,
    name: *mut Str,
    value: *const Value,
    hint: *mut u32,
) -> bool {
    // SAFETY: by contract of `find_name_hint`; `value` is a slot.
    unsafe {
        let mut node = find_name(t, name);
        if node.is_null() || (*node).tag == tag::NIL {
            if !(*t).meta.is_null() || (*value).tag == tag::NIL {
                return false;
            }
            if node.is_null() {
                node = place(heap, t, (*name).header.id);
                if node.is_null() {
                    return false;
                }
                (*node).key_payload = name as usize as u64;
                (*node).key_tag = tag::STRING;
                (*node).kstr = name as usize as u32;
            }
            (*t).absent = 0;
        }
        (*node).payload = (*value).payload;
        (*node).tag = (*value).tag;
        *hint = (node as usize - (*t).nodes as usize) as u32;
        if (*t).gray.header.mark & mark::BLACK != 0 {
            heap.barrier_entry(t, name, *value);
        }
        true
    }
}

/// Whether a new key needs no look at a metamethod: there is no metatable, or it is known to be without `__newindex`.
/// (External tables have a metatable, but no array to grow into.)
#[inline(always)]
pub(crate) unsafe fn takes_new(t: *mut Table) -> bool {
    // SAFETY: a live table, whose metatable is null or live.
    unsafe {
        let meta = (*t).meta;
        meta.is_null() || (*meta).absent & 1 << Event::NewIndex as u32 != 0
    }
}

/// Value of the interned string key `name`.
#[inline(always)]
pub(crate) unsafe fn get_name(t: *mut Table, name: *const Str) -> Value {
    // SAFETY: by contract of `find_name`.
    unsafe {
        let node = find_name(t, name);
        if node.is_null() {
            Value::NIL
        } else {
            (*node).value()
        }
    }
}

/// Value of an integer key.
#[inline(always)]
pub(crate) unsafe fn get_int(heap: &Heap, t: *mut Table, i: i64) -> Value {
    // SAFETY: index below `len`.
    unsafe {
        let at = (i as u64).wrapping_sub(1);
        if at < (*t).len as u64 {
            return *Table::slot(t, at as usize);
        }
        let node = find_int(heap, t, i);
        if node.is_null() {
            Value::NIL
        } else {
            (*node).value()
        }
    }
}

/// Node of an integer key that is not in the array part, or null.
#[inline(never)]
pub(crate) unsafe fn find_int(heap: &Heap, t: *mut Table, i: i64) -> *mut Node {
    // SAFETY: a live table's chains link nodes of its hash part.
    unsafe {
        let mut node = node_at(t, hash_int(i as u64, heap.seed));
        loop {
            if (*node).key_tag == tag::INTEGER && (*node).key_payload == i as u64 {
                return node;
            }
            let next = (*node).next;
            if next == 0 {
                return std::ptr::null_mut();
            }
            node = Table::follow(t, node, next);
        }
    }
}

/// As [`find_int`]: a look at the main position in line, a call for the rest of a chain.
#[inline(always)]
pub(crate) unsafe fn find_int_first(heap: &Heap, t: *mut Table, i: i64) -> *mut Node {
    // SAFETY: by contract of `find_int`.
    unsafe {
        let node = node_at(t, hash_int(i as u64, heap.seed));
        if (*node).key_payload == i as u64 && (*node).key_tag == tag::INTEGER {
            node
        } else if (*node).next == 0 {
            std::ptr::null_mut()
        } else {
            find_int(heap, t, i)
        }
    }
}

fn native_hash(heap: &Heap, key: Value) -> u32 {
    // SAFETY: the payload of a native is the address of a static.
    let native = unsafe { &*key.as_ptr::<Native>() };
    strings::hash_bytes(native.name.as_bytes(), &heap.keys)
}

/// Hash of a normalised key; objects get their identity number here.
unsafe fn hash(heap: &mut Heap, key: Value) -> u32 {
    // SAFETY: the key is a valid value.
    unsafe {
        match key.tag {
            tag::STRING => heap.string_hash(key.as_str()),
            tag::INTEGER => hash_int(key.payload, heap.seed),
            tag::FLOAT => hash_u64(key.payload.rotate_left(17), heap.seed),
            tag::NATIVE => native_hash(heap, key),
            tag::LIGHT => hash_u64(key.payload, !heap.seed),
            tag::NIL | tag::FALSE | tag::TRUE => key.tag,
            _ => {
                let header = key.as_header();
                if (*header).id == 0 {
                    (*header).id = heap.fresh_id();
                }
                hash_u64((*header).id as u64, heap.seed)
            }
        }
    }
}

#[inline(always)]
unsafe fn same_key(node: *mut Node, key: Value) -> bool {
    // SAFETY: a node of a live table, a valid key.
    unsafe {
        if (*node).key_tag != key.tag {
            return false;
        }
        if (*node).key_payload == key.payload {
            return true;
        }
        match key.tag {
            tag::STRING => strings::equal((*node).key().as_str(), key.as_str()),
            tag::FLOAT => (*node).key().as_float() == key.as_float(),
            _ => false,
        }
    }
}

/// Node of a normalised key, dead keys included when `by_address` (a traversal may stand on one).
unsafe fn find_node(heap: &mut Heap, t: *mut Table, key: Value, by_address: bool) -> *mut Node {
    // SAFETY: a live table's chains link nodes of its hash part.
    unsafe {
        let h = hash(heap, key);
        let mut node = node_at(t, h);
        loop {
            if same_key(node, key)
                || by_address
                    && (*node).key_tag == tag::DEAD
                    && key.is_collectable()
                    && (*node).key_payload == key.payload
            {
                return node;
            }
            let next = (*node).next;
            if next == 0 {
                return std::ptr::null_mut();
            }
            node = Table::follow(t, node, next);
        }
    }
}

/// As [`find_node`] for a key that is an object other than a string. One without a number is in no table.
#[inline(always)]
unsafe fn find_object(heap: &Heap, t: *mut Table, key: Value) -> *mut Node {
    // SAFETY: as in `find_node`; the key is a live object.
    unsafe {
        let id = (*key.as_header()).id;
        if id == 0 {
            return std::ptr::null_mut();
        }
        let mut node = node_at(t, hash_u64(id as u64, heap.seed));
        loop {
            if (*node).key_payload == key.payload && (*node).key_tag == key.tag {
                return node;
            }
            let next = (*node).next;
            if next == 0 {
                return std::ptr::null_mut();
            }
            node = Table::follow(t, node, next);
        }
    }
}

/// Where the entry of any key is.
pub(crate) unsafe fn find(heap: &mut Heap, t: *mut Table, key: Value) -> Place {
    // SAFETY: a live table, a valid key.
    unsafe {
        let key = normal_key(key);
        let node = match key.tag {
            tag::NIL => return Place::Absent,
            tag::INTEGER => {
                let at = key.payload.wrapping_sub(1);
                if at < (*t).len as u64 {
                    return Place::Array(Table::slot(t, at as usize));
                }
                let node = find_int(heap, t, key.as_int());
                // A dead entry just above the array part is not to be revived: the value belongs into the array
                // part, or the border would be wrong.
                if at == (*t).len as u64 && !node.is_null() && (*node).tag == tag::NIL {
                    return Place::Absent;
                }
                node
            }
            tag::STRING if Str::is_short(key.as_str()) => find_name(t, key.as_str()),
            tag::STRING => find_node(heap, t, key, false),
            _ if key.is_collectable() => find_object(heap, t, key),
            _ => find_node(heap, t, key, false),
        };
        if node.is_null() {
            Place::Absent
        } else {
            Place::Node(node)
        }
    }
}

/// Value of any key.
pub(crate) unsafe fn get(heap: &mut Heap, t: *mut Table, key: Value) -> Value {
    // SAFETY: a live table, a valid key.
    unsafe {
        match find(heap, t, key) {
            Place::Array(slot) => *slot,
            Place::Node(node) => (*node).value(),
            Place::Absent => Value::NIL,
        }
    }
}

/// `t[key] := value`, raw. The caller has seen to the write barrier.
pub(crate) unsafe fn set(
    heap: &mut Heap,
    t: *mut Table,
    key: Value,
    value: Value,
) -> Result<(), SetError> {
    // SAFETY: a live table, valid values.
    unsafe {
        (*t).absent = 0;
        match find(heap, t, key) {
            Place::Array(slot) => *slot = value,
            Place::Node(node) => (*node).set_value(value),
            Place::Absent => insert(heap, t, key, value)?,
        }
    }
    Ok(())
}

/// A new entry for a key that has none.
pub(crate) unsafe fn insert(
    heap: &mut Heap,
    t: *mut Table,
    key: Value,
    value: Value,
) -> Result<(), SetError> {
    let key = normal_key(key);
    match key.tag {
        tag::NIL => return Err(SetError::Nil),
        tag::FLOAT if key.as_float().is_nan() => return Err(SetError::NaN),
        _ => {}
    }
    if value.is_nil() {
        return Ok(());
    }
    // SAFETY: a live table, valid values.
    unsafe {
        (*t).absent = 0;
        if key.is_int() && key.payload == (*t).len as u64 + 1 {
            append(heap, t, value)?;
        } else {
            insert_node(heap, t, key, value)?;
        }
    }
    Ok(())
}

/// `t[len + 1] := value` (not nil).
#[inline(always)]
pub(crate) unsafe fn append(
    heap: &mut Heap,
    t: *mut Table,
    value: Value,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live table; slot `len` exists when `len < cap`.
    unsafe {
        if (*t).len == (*t).cap {
            if (*t).cap >= 16 && mostly_holes(t) {
                // A queue whose head has moved far: find the right sizes anew.
                let key = Value::int((*t).len as i64 + 1);
                rehash(heap, t, key)?;
                return set(heap, t, key, value).map_err(|_| OutOfMemory);
            }
            grow_array(heap, t)?;
        }
        *Table::slot(t, (*t).len as usize) = value;
        (*t).len += 1;
        if (*t).gray.header.flags & table_flag::INT_KEYS != 0 {
            migrate(heap, t);
        }
    }
    Ok(())
}

/// Moves entries `len + 1`, `len + 2`, ... from the hash part to the array part, as far as there is room.
#[inline(never)]
unsafe fn migrate(heap: &mut Heap, t: *mut Table) {
    // SAFETY: a live table.
    unsafe {
        loop {
            let node = find_int(heap, t, (*t).len as i64 + 1);
            if node.is_null() || (*node).tag == tag::NIL {
                return;
            }
            if (*t).len == (*t).cap && resize_array(heap, t, ((*t).cap * 2).max(4)).is_err() {
                return;
            }
            *Table::slot(t, (*t).len as usize) = (*node).value();
            (*node).set_value(Value::NIL);
            (*t).len += 1;
        }
    }
}

unsafe fn resize_array(heap: &mut Heap, t: *mut Table, cap: u32) -> Result<(), OutOfMemory> {
    // SAFETY: a live table; its array part has the size that its `cap` says.
    unsafe {
        debug_assert!(cap > (*t).cap);
        let bytes = (cap as usize)
            .checked_mul(size_of::<Value>())
            .ok_or(OutOfMemory)?;
        let array = if (*t).cap == 0 {
            heap.alloc_block(bytes)?
        } else {
            let old = (*t).cap as usize * size_of::<Value>();
            heap.grow_block((*t).array.cast(), old, bytes)?
        };
        (*t).array = array.cast();
        (*t).cap = cap;
    }
    Ok(())
}

/// Doubles a full array part.
#[inline(never)]
unsafe fn grow_array(heap: &mut Heap, t: *mut Table) -> Result<(), OutOfMemory> {
    // SAFETY: a live table.
    unsafe {
        let cap = (*t).cap.checked_mul(2).ok_or(OutOfMemory)?;
        resize_array(heap, t, cap.max(4))
    }
}

/// Whether more than half of the array part is holes.
#[cold]
unsafe fn mostly_holes(t: *mut Table) -> bool {
    // SAFETY: a live table.
    unsafe {
        let slots = std::slice::from_raw_parts((*t).array, (*t).len as usize);
        slots.iter().filter(|v| !v.is_nil()).count() * 2 < slots.len()
    }
}

unsafe fn insert_node(
    heap: &mut Heap,
    t: *mut Table,
    key: Value,
    value: Value,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live table, valid values, key absent.
    unsafe {
        let h = hash(heap, key);
        let node = place(heap, t, h);
        if node.is_null() {
            rehash(heap, t, key)?;
            // The key may belong to the array part now.
            return match set(heap, t, key, value) {
                Ok(()) => Ok(()),
                Err(_) => Err(OutOfMemory),
            };
        }
        (*node).key_payload = key.payload;
        (*node).key_tag = key.tag;
        (*node).kstr = if key.is_string() && Str::is_short(key.as_str()) {
            key.payload as u32
        } else {
            0
        };
        (*node).set_value(value);
        if key.is_int() && key.as_int() > 0 {
            (*t).gray.header.flags |= table_flag::INT_KEYS;
        }
    }
    Ok(())
}

/// A node for a new key with this hash, linked into its chain; null when the hash part is full. The caller writes key
/// and value.
unsafe fn place(heap: &mut Heap, t: *mut Table, h: u32) -> *mut Node {
    // SAFETY: a live table's chains link nodes of its hash part.
    unsafe {
        let at = node_at(t, h);
        if (*at).tag == tag::NIL && (*t).nodes != heap.dummy {
            return at;
        }
        let free = free_node(heap, t);
        if free.is_null() {
            return free;
        }
        let main = node_at(t, hash(heap, (*at).key()));
        if main == at {
            // The occupant belongs here: the new entry goes to the free node, second in the chain.
            (*free).next = if (*at).next != 0 {
                at.offset((*at).next as isize).offset_from(free) as i32
            } else {
                0
            };
            (*at).next = free.offset_from(at) as i32;
            return free;
        }
        // The occupant is out of its main position: move it to the free node.
        let mut previous = main;
        while previous.offset((*previous).next as isize) != at {
            previous = previous.offset((*previous).next as isize);
        }
        (*previous).next = free.offset_from(previous) as i32;
        heap.entry_moves(t, at);
        free.copy_from_nonoverlapping(at, 1);
        if (*at).next != 0 {
            (*free).next += at.offset_from(free) as i32;
            (*at).next = 0;
        }
        at
    }
}

unsafe fn free_node(heap: &Heap, t: *mut Table) -> *mut Node {
    // SAFETY: `last_free` is at most the number of nodes.
    unsafe {
        if (*t).nodes != heap.dummy {
            while (*t).last_free > 0 {
                (*t).last_free -= 1;
                let node = Table::node(t, (*t).last_free as usize);
                if (*node).key_tag == tag::NIL {
                    return node;
                }
            }
        }
    }
    std::ptr::null_mut()
}

/// Allocates a hash part for `n` entries.
unsafe fn new_nodes(heap: &mut Heap, n: usize) -> Result<(*mut Node, u32), OutOfMemory> {
    if n == 0 {
        return Ok((heap.dummy, NODE as u32));
    }
    let n = n.checked_next_power_of_two().ok_or(OutOfMemory)?;
    let bytes = n
        .checked_mul(NODE)
        .filter(|&b| b <= 1 << 31)
        .ok_or(OutOfMemory)?;
    let nodes = heap.alloc_block(bytes)?.cast::<Node>();
    for i in 0..n {
        // SAFETY: within the block.
        unsafe {
            nodes.add(i).write(Node {
                payload: 0,
                tag: tag::NIL,
                kstr: 0,
                key_payload: 0,
                key_tag: tag::NIL,
                next: 0,
            });
        }
    }
    Ok((nodes, bytes as u32))
}

/// Gives a fresh table room for `array` and `hash` entries.
pub(crate) unsafe fn reserve(
    heap: &mut Heap,
    t: *mut Table,
    array: u32,
    hash: u32,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live table.
    unsafe {
        if array > (*t).cap {
            resize_array(heap, t, array)?;
        }
        if hash > 0 && (*t).nodes == heap.dummy {
            let (nodes, bytes) = new_nodes(heap, hash as usize)?;
            (*t).nodes = nodes;
            (*t).node_bytes = bytes;
            (*t).last_free = bytes / NODE as u32;
        }
    }
    Ok(())
}

/// Counts of positive integer keys: `bins[b]` those with `2^(b-1) < key <= 2^b`.
type Bins = [u32; 33];

fn count_key(bins: &mut Bins, key: Value) -> bool {
    if key.is_int() && key.as_int() > 0 && key.as_int() <= 1 << 31 {
        let k = key.as_int() as u64;
        bins[(64 - (k - 1).leading_zeros()) as usize] += 1;
        true
    } else {
        false
    }
}

/// Finds the largest power of two of which more than half the slots would be used.
fn array_size(bins: &Bins) -> (u32, u32) {
    let (mut sum, mut size, mut inside) = (0u64, 0u64, 0u64);
    for (b, &n) in bins.iter().enumerate() {
        sum += n as u64;
        if sum > (1u64 << b) / 2 {
            size = 1 << b;
            inside = sum;
        }
    }
    (size.min(1 << 30) as u32, inside as u32)
}

/// Room that the first field of a table makes: growing from one to two to four takes longer than all else.
const FIRST_FIELDS: usize = 4;

/// Rebuilds both parts so that there is room for `extra`, a key that is absent.
#[inline(never)]
pub(crate) unsafe fn rehash(
    heap: &mut Heap,
    t: *mut Table,
    extra: Value,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live table; the old parts are read before they are freed.
    unsafe {
        if (*t).nodes == heap.dummy && extra.is_string() {
            // The first field of an object, most likely, which gets more of them.
            return resize(heap, t, (*t).len, FIRST_FIELDS);
        }
        let mut bins: Bins = [0; 33];
        let mut n_total = 1usize;
        let mut n_int = count_key(&mut bins, extra) as usize;
        for i in 0..(*t).len as usize {
            if !(*Table::slot(t, i)).is_nil() {
                count_key(&mut bins, Value::int(i as i64 + 1));
                n_total += 1;
                n_int += 1;
            }
        }
        for node in super::heap::mark::nodes(t) {
            if (*node).tag != tag::NIL {
                n_total += 1;
                n_int += count_key(&mut bins, (*node).key()) as usize;
            }
        }
        let (mut size, mut inside) = if n_int > 0 { array_size(&bins) } else { (0, 0) };
        if size < (*t).len && !mostly_holes(t) {
            // Shrinking a well-filled array part would only move entries about.
            size = (*t).len;
            inside = (0..size as usize)
                .filter(|&i| !(*Table::slot(t, i)).is_nil())
                .count() as u32;
        }
        resize(heap, t, size, n_total - inside as usize)
    }
}

/// Gives the array part exactly the keys up to `size` and the hash part room for `n_hash` entries.
unsafe fn resize(
    heap: &mut Heap,
    t: *mut Table,
    size: u32,
    n_hash: usize,
) -> Result<(), OutOfMemory> {
    // SAFETY: a live table; all allocation happens before anything changes.
    unsafe {
        heap.table_moves(t);
        let (nodes, node_bytes) = new_nodes(heap, n_hash)?;
        if size > (*t).cap
            && let Err(e) = resize_array(heap, t, size)
        {
            heap.free_nodes(nodes, node_bytes);
            return Err(e);
        }
        let (old_nodes, old_bytes) = ((*t).nodes, (*t).node_bytes);
        (*t).nodes = nodes;
        (*t).node_bytes = node_bytes;
        (*t).last_free = if nodes == heap.dummy {
            0
        } else {
            node_bytes / NODE as u32
        };
        (*t).gray.header.flags &= !table_flag::INT_KEYS;
        let old_len = (*t).len;
        if size < old_len {
            // Entries beyond the new array part move to the hash part; there is room for all of them.
            (*t).len = size;
            for i in size..old_len {
                let v = *Table::slot(t, i as usize);
                if !v.is_nil() {
                    insert_node(heap, t, Value::int(i as i64 + 1), v)?;
                }
            }
        } else {
            for i in old_len..size {
                Table::slot(t, i as usize).write(Value::NIL);
            }
            (*t).len = size;
        }
        let n = old_bytes as usize / NODE;
        for i in (0..n).rev() {
            let node = old_nodes.add(i);
            if (*node).tag == tag::NIL {
                continue;
            }
            let (key, value) = ((*node).key(), (*node).value());
            if key.is_int() && key.payload.wrapping_sub(1) < (*t).len as u64 {
                *Table::slot(t, key.payload as usize - 1) = value;
            } else {
                insert_node(heap, t, key, value)?;
            }
        }
        heap.free_nodes(old_nodes, old_bytes);
        if (*t).len == 0 && (*t).cap != 0 {
            heap.free_array(t);
            (*t).array = std::ptr::null_mut();
            (*t).cap = 0;
        }
        if (*t).gray.header.flags & table_flag::INT_KEYS != 0 {
            migrate(heap, t);
        }
    }
    Ok(())
}

/// Lowers `len` past trailing nils.
unsafe fn trim(t: *mut Table) {
    // SAFETY: indices below `len`.
    unsafe {
        while (*t).len > 0 && (*Table::slot(t, (*t).len as usize - 1)).is_nil() {
            (*t).len -= 1;
        }
    }
}

/// A border (manual, section 3.4.7).
#[inline(always)]
pub(crate) unsafe fn border(t: *mut Table) -> u64 {
    // SAFETY: a live table.
    unsafe {
        let len = (*t).len;
        if len != 0 && (*Table::slot(t, len as usize - 1)).is_nil() {
            border_slow(t);
        }
        (*t).len as u64
    }
}

#[inline(never)]
unsafe fn border_slow(t: *mut Table) {
    // SAFETY: a live table.
    unsafe { trim(t) }
}

/// A key that a traversal cannot continue from.
#[derive(Debug)]
pub(crate) struct InvalidKey;

/// The entry after `key` (nil: the first one); nil key at the end.
pub(crate) unsafe fn next(
    heap: &mut Heap,
    t: *mut Table,
    key: Value,
) -> Result<(Option<(Value, Value)>, usize), InvalidKey> {
    // SAFETY: a live table, a valid key.
    unsafe {
        let key = normal_key(key);
        let mut index = if key.is_nil() {
            0
        } else if key.is_int() && key.payload.wrapping_sub(1) < (*t).len as u64 {
            key.payload as usize
        } else {
            let node = match key.tag {
                tag::INTEGER => find_int(heap, t, key.as_int()),
                _ => find_node(heap, t, key, true),
            };
            if !node.is_null() {
                (*t).len as usize + node.offset_from((*t).nodes) as usize + 1
            } else if key.is_int() && key.payload.wrapping_sub(1) < (*t).cap as u64 {
                // It was in the array part, which has been trimmed since.
                (*t).len as usize
            } else {
                return Err(InvalidKey);
            }
        };
        let start = index;
        let entry = next_from(t, &mut index);
        Ok((entry, index - start))
    }
}

/// The first entry at position `index` or later; `index` moves past it. Positions count array slots, then nodes.
#[inline(always)]
pub(crate) unsafe fn next_from(t: *mut Table, index: &mut usize) -> Option<(Value, Value)> {
    // SAFETY: positions are checked against the sizes of both parts.
    unsafe {
        let len = (*t).len as usize;
        while *index < len {
            let v = *Table::slot(t, *index);
            *index += 1;
            if !v.is_nil() {
                return Some((Value::int(*index as i64), v));
            }
        }
        let n = (*t).node_bytes as usize / NODE;
        while *index - len < n {
            let node = Table::node(t, *index - len);
            *index += 1;
            if (*node).tag != tag::NIL {
                return Some(((*node).key(), (*node).value()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
