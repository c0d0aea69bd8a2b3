//! Library functions that the `call` instruction may do by itself, without a frame.
//!
//! Only the plain cases: right types, one wanted result, no error, no allocation. Everything else answers
//! `false`, and the real function is called. What is done here is exactly what the library function does.

use crate::Vm;
use crate::heap::object::*;
use crate::meta::Type;
use crate::number::float_to_int_exact;
use crate::table;
use crate::value::Value;

/// A library function known to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Fast {
    Floor,
    Ceil,
    Sqrt,
    Abs,
    Max,
    Min,
    Byte,
    Sub,
    Len,
    Type,
    Select,
    Insert,
    Remove,
    RawGet,
    RawEqual,
    RawLen,
    SetMetatable,
    GetMetatable,
}

impl Fast {
    fn by_name(name: &str) -> Option<Fast> {
        Some(match name {
            "math.floor" => Fast::Floor,
            "math.ceil" => Fast::Ceil,
            "math.sqrt" => Fast::Sqrt,
            "math.abs" => Fast::Abs,
            "math.max" => Fast::Max,
            "math.min" => Fast::Min,
            "string.byte" => Fast::Byte,
            "string.sub" => Fast::Sub,
            "string.len" => Fast::Len,
            "type" => Fast::Type,
            "select" => Fast::Select,
            "table.insert" => Fast::Insert,
            "table.remove" => Fast::Remove,
            "rawget" => Fast::RawGet,
            "rawequal" => Fast::RawEqual,
            "rawlen" => Fast::RawLen,
            "setmetatable" => Fast::SetMetatable,
            "getmetatable" => Fast::GetMetatable,
            _ => return None,
        })
    }
}

/// Which natives are known, by address: a small direct-mapped table.
pub(crate) struct FastTable {
    slots: [(u64, Fast); SLOTS],
}

const SLOTS: usize = 128;

impl FastTable {
    pub fn new() -> FastTable {
        FastTable {
            slots: [(0, Fast::Floor); SLOTS],
        }
    }

    #[inline(always)]
    fn slot(payload: u64) -> usize {
        (payload >> 3 ^ payload >> 9) as usize & (SLOTS - 1)
    }

    /// Enters a native if the machine knows it. On a collision the first one stays.
    pub fn enter(&mut self, payload: u64, name: &str) {
        let slot = &mut self.slots[FastTable::slot(payload)];
        if slot.0 == 0
            && let Some(fast) = Fast::by_name(name)
        {
            *slot = (payload, fast);
        }
    }

    #[inline(always)]
    pub fn find(&self, payload: u64) -> Option<Fast> {
        let (known, fast) = self.slots[FastTable::slot(payload)];
        if known == payload { Some(fast) } else { None }
    }
}

/// How many results are wanted where all are: by `return f()`.
pub(crate) const ALL: i16 = -1;

/// Does the call if it is a plain case; the result (unless `wants` is 0) replaces the function. If all results are
/// wanted there is exactly one.
///
/// # Safety
/// `func` is a register of the running frame, followed by `n` arguments.
#[inline(never)]
pub(crate) unsafe fn call(vm: &mut Vm, fast: Fast, func: *mut Value, n: usize, wants: i16) -> bool {
    // SAFETY: by contract; `n` is checked before an argument is read.
    unsafe {
        if fast == Fast::Insert {
            return wants == 0 && (n == 2 && insert(vm, func) || n == 3 && insert_at(vm, func));
        }
        if n == 0 {
            return false;
        }
        let a = *func.add(1);
        let result = match fast {
            Fast::Floor => {
                if a.is_int() {
                    a
                } else if a.is_float() {
                    match float_to_int_exact(a.as_float().floor()) {
                        Some(i) => Value::int(i),
                        None => return false,
                    }
                } else {
                    return false;
                }
            }
            Fast::Ceil => {
                if a.is_int() {
                    a
                } else if a.is_float() {
                    match float_to_int_exact(a.as_float().ceil()) {
                        Some(i) => Value::int(i),
                        None => return false,
                    }
                } else {
                    return false;
                }
            }
            Fast::Sqrt if a.is_number() => Value::float(a.number_as_float().sqrt()),
            Fast::Abs if a.is_int() => Value::int(a.as_int().wrapping_abs()),
            Fast::Abs if a.is_float() => Value::float(a.as_float().abs()),
            Fast::Max | Fast::Min if n == 2 => {
                let b = *func.add(2);
                let second = if a.is_int() && b.is_int() {
                    if fast == Fast::Max {
                        b.as_int() > a.as_int()
                    } else {
                        b.as_int() < a.as_int()
                    }
                } else if a.is_float() && b.is_float() {
                    if fast == Fast::Max {
                        a.as_float() < b.as_float()
                    } else {
                        b.as_float() < a.as_float()
                    }
                } else {
                    return false;
                };
                if second { b } else { a }
            }
            Fast::Byte if a.is_string() && n <= 2 => {
                let bytes = Str::bytes(a.as_str());
                let i = if n == 1 {
                    1
                } else {
                    let b = *func.add(2);
                    if !b.is_int() {
                        return false;
                    }
                    b.as_int()
                };
                match usize::try_from(i)
                    .ok()
                    .and_then(|i| bytes.get(i.wrapping_sub(1)))
                {
                    Some(&byte) => Value::int(byte as i64),
                    None => return false,
                }
            }
            Fast::Sub if a.is_string() && (n == 2 || n == 3) => match substring(vm, func, n) {
                Some(v) => v,
                None => return false,
            },
            Fast::Len if a.is_string() => Value::int((*a.as_str()).len as i64),
            Fast::Type => {
                let name = vm.type_names[a.type_of() as usize];
                if name.is_null() {
                    return false;
                }
                Value::string(name)
            }
            Fast::Select => {
                if a.is_int() {
                    let i = a.as_int();
                    let is_last = i as u64 == n as u64 - 1;
                    if i < 1 || i as u64 >= n as u64 || wants == ALL && !is_last {
                        return false;
                    }
                    *func.add(1 + i as usize)
                } else if a.is_string() && Str::bytes(a.as_str()) == b"#" {
                    Value::int(n as i64 - 1)
                } else {
                    return false;
                }
            }
            Fast::Remove if n == 1 && a.is_table() => {
                let t = a.as_table();
                if !(*t).meta.is_null() {
                    return false;
                }
                let len = table::border(t);
                if len == 0 {
                    return false;
                }
                let slot = Table::slot(t, len as usize - 1);
                let v = *slot;
                *slot = Value::NIL;
                (*t).len -= 1;
                v
            }
            Fast::Remove if n == 2 && a.is_table() && (*func.add(2)).is_int() => {
                let t = a.as_table();
                let len = table::border(t) as usize;
                let at = (*func.add(2)).payload.wrapping_sub(1);
                if !(*t).meta.is_null()
                    || at >= len as u64
                    || len > MOVED
                    || (*t).gray.header.flags & table_flag::LARGE != 0
                {
                    return false;
                }
                let slot = Table::slot(t, at as usize);
                let v = *slot;
                slot.copy_from(slot.add(1), len - 1 - at as usize);
                *Table::slot(t, len - 1) = Value::NIL;
                (*t).len -= 1;
                v
            }
            Fast::RawGet if n == 2 && a.is_table() && (*a.as_table()).external == 0 => {
                let key = *func.add(2);
                if is_long_string(key) {
                    return false;
                }
                table::get(&mut vm.heap, a.as_table(), key)
            }
            Fast::RawEqual if n == 2 && !is_long_string(a) => {
                Value::bool(crate::convert::raw_equal(a, *func.add(2)))
            }
            Fast::RawLen if a.is_table() && (*a.as_table()).external == 0 => {
                Value::int(table::border(a.as_table()) as i64)
            }
            Fast::SetMetatable if n == 2 && a.is_table() => {
                let (t, b) = (a.as_table(), *func.add(2));
                if !b.is_table() || !(*t).meta.is_null() {
                    return false;
                }
                let meta = b.as_table();
                // A finalizer needs more than the assignment.
                if !vm.metamethod_of(meta, crate::meta::Event::Gc).is_nil() {
                    return false;
                }
                (*t).meta = meta;
                vm.heap.barrier_forward(t.cast(), b);
                a
            }
            Fast::GetMetatable if a.is_table() => {
                let meta = (*a.as_table()).meta;
                if meta.is_null() {
                    Value::NIL
                } else {
                    let guard = vm.metamethod_of(meta, crate::meta::Event::Metatable);
                    if guard.is_nil() {
                        Value::table(meta)
                    } else {
                        guard
                    }
                }
            }
            _ => return false,
        };
        *func = result;
        true
    }
}

/// A string whose bytes are compared one by one, for which the library function is charged.
unsafe fn is_long_string(v: Value) -> bool {
    // SAFETY: a valid value.
    v.is_string() && unsafe { !Str::is_short(v.as_str()) }
}

/// `string.sub(s, i [, j])` of a short result. It may be a new string, but makes no collection due: then the library
/// function does it.
unsafe fn substring(vm: &mut Vm, func: *mut Value, n: usize) -> Option<Value> {
    // SAFETY: a string and `n - 1` more arguments follow `func`.
    unsafe {
        let bytes = Str::bytes((*func.add(1)).as_str());
        let (i, j) = (
            *func.add(2),
            if n == 3 { *func.add(3) } else { Value::int(-1) },
        );
        if !i.is_int() || !j.is_int() {
            return None;
        }
        let len = bytes.len() as i64;
        let place = |i: i64| if i < 0 { i.saturating_add(len + 1) } else { i };
        let start = place(i.as_int()).max(1);
        let end = place(j.as_int()).min(len);
        let part = if start > end {
            &[]
        } else {
            bytes.get(start as usize - 1..end as usize)?
        };
        // Longer ones are charged for.
        if part.len() > 32 || vm.gc_near(part.len() + 64) {
            return None;
        }
        let made = match part {
            [byte] => vm.heap.byte_string(*byte),
            _ => vm.heap.intern(part),
        };
        made.ok().map(Value::string)
    }
}

/// `table.insert(t, v)`: an append where there is room.
unsafe fn insert(vm: &mut Vm, func: *mut Value) -> bool {
    // SAFETY: two arguments follow `func`.
    unsafe {
        let (a, v) = (*func.add(1), *func.add(2));
        if !a.is_table() || v.is_nil() {
            return false;
        }
        let t = a.as_table();
        if !(*t).meta.is_null() || (*t).gray.header.flags & table_flag::INT_KEYS != 0 {
            return false;
        }
        let len = table::border(t);
        if len >= (*t).cap as u64 {
            return false;
        }
        *Table::slot(t, len as usize) = v;
        (*t).len += 1;
        vm.barrier_table(t, v);
        true
    }
}

/// Longest list in which an element is inserted or removed without charging fuel for the move. The library functions
/// charge nothing for these, either: which way a call goes is decided by addresses, and what it costs must not be.
pub const MOVED: usize = 256;

/// `table.insert(t, i, v)`: where there is room.
unsafe fn insert_at(vm: &mut Vm, func: *mut Value) -> bool {
    // SAFETY: three arguments follow `func`.
    unsafe {
        let (a, i, v) = (*func.add(1), *func.add(2), *func.add(3));
        if !a.is_table() || !i.is_int() || v.is_nil() {
            return false;
        }
        let t = a.as_table();
        let moves = table_flag::INT_KEYS | table_flag::LARGE;
        if !(*t).meta.is_null() || (*t).gray.header.flags & moves != 0 {
            return false;
        }
        let len = table::border(t);
        let at = i.payload.wrapping_sub(1);
        if at > len || len >= (*t).cap as u64 || len as usize > MOVED {
            return false;
        }
        let slot = Table::slot(t, at as usize);
        slot.add(1).copy_from(slot, (len - at) as usize);
        *slot = v;
        (*t).len += 1;
        vm.barrier_table(t, v);
        true
    }
}

/// The names that `type` returns, interned once.
pub(crate) fn type_names(heap: &mut crate::heap::Heap) -> [*mut Str; 10] {
    const ALL: [Type; 10] = [
        Type::None,
        Type::Nil,
        Type::Boolean,
        Type::LightUserdata,
        Type::Number,
        Type::String,
        Type::Table,
        Type::Function,
        Type::Userdata,
        Type::Thread,
    ];
    ALL.map(|t| match heap.intern(t.name().as_bytes()) {
        Ok(s) => {
            // SAFETY: a string just made or found.
            unsafe { (*s).header.mark |= mark::FIXED };
            s
        }
        // Without memory for it the library function is called and says so.
        Err(_) => std::ptr::null_mut(),
    })
}
