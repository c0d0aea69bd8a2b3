//! The layout of everything on the heap.
//!
//! Every object starts with a [`Header`] of eight bytes. Objects that hold references and are traversed
//! go on with a link, so that the gray list needs no memory of its own ([`Gray`]).
//!
//! ```text
//!   0      1      2       3       4        8
//!   +------+------+-------+-------+--------+--------------
//!   | kind | mark | flags | extra | id     | gray link, fields ...
//!   +------+------+-------+-------+--------+--------------
//! ```
//!
//! `kind` is the value tag of the object (0 for a free cell). `id` is the hash of a string; for other
//! objects the identity number by which they are hashed as keys and printed, 0 until it is first
//! needed. Nothing observable depends on an address, so a snapshot can carry everything.

use crate::native::Native;
use crate::proto::VarKind;
use crate::value::Value;

/// Start of every object.
#[repr(C)]
pub(crate) struct Header {
    pub kind: u8,
    pub mark: u8,
    pub flags: u8,
    pub extra: u8,
    pub id: u32,
}

/// Bits of `Header::mark`.
pub(crate) mod mark {
    pub const WHITE0: u8 = 1;
    pub const WHITE1: u8 = 2;
    pub const WHITES: u8 = WHITE0 | WHITE1;
    pub const BLACK: u8 = 4;
    /// In the list of objects with finalizers.
    pub const FINALIZABLE: u8 = 8;
    /// Never collected: event names, the main thread.
    pub const FIXED: u8 = 16;
    /// A white key of ephemeron tables; its link leads to the values that wait for it (see `ephemeron.rs`).
    pub const AWAITED: u8 = 32;
}

/// Start of every object that is traversed.
#[repr(C)]
pub(crate) struct Gray {
    pub header: Header,
    pub next: *mut Gray,
}

/// Flags of a string.
pub(crate) mod str_flag {
    /// Interned, at most [`super::MAX_SHORT`] bytes.
    pub const SHORT: u8 = 1;
    /// The hash of this long string has been computed.
    pub const HASHED: u8 = 2;
}

/// Longest interned string.
pub(crate) const MAX_SHORT: usize = 40;

/// A string; its bytes follow.
#[repr(C)]
pub(crate) struct Str {
    pub header: Header,
    pub len: u32,
    /// Next string in the intern table's bucket (short strings only).
    pub next: *mut Str,
}

impl Str {
    pub const BYTES: usize = size_of::<Str>();

    /// The bytes of a string.
    ///
    /// # Safety
    /// `this` is a live string; the slice must not outlive it (strings die only in a collection).
    #[inline(always)]
    pub unsafe fn bytes<'a>(this: *const Str) -> &'a [u8] {
        // SAFETY: `len` bytes follow the struct in the same allocation, written once at creation.
        unsafe {
            std::slice::from_raw_parts(this.cast::<u8>().add(Str::BYTES), (*this).len as usize)
        }
    }

    /// # Safety
    /// `this` is a live string.
    #[inline(always)]
    pub unsafe fn is_short(this: *const Str) -> bool {
        // SAFETY: by contract.
        unsafe { (*this).header.flags & str_flag::SHORT != 0 }
    }
}

/// One entry of a table's hash part.
///
/// `kstr` is the low half of the address of an interned key, 0 for other keys: on wasm32 comparing it is the
/// whole check of a cached field access.
#[repr(C)]
pub(crate) struct Node {
    pub payload: u64,
    pub tag: u32,
    pub kstr: u32,
    pub key_payload: u64,
    pub key_tag: u32,
    /// Distance in nodes to the next of the chain, 0 at its end.
    pub next: i32,
}

impl Node {
    #[inline(always)]
    pub fn value(&self) -> Value {
        Value::new(self.tag, self.payload)
    }
    #[inline(always)]
    pub fn set_value(&mut self, v: Value) {
        self.payload = v.payload;
        self.tag = v.tag;
    }
    #[inline(always)]
    pub fn key(&self) -> Value {
        Value::new(self.key_tag, self.key_payload)
    }
    /// Whether the key is the interned string `s`.
    #[inline(always)]
    pub fn has_name(&self, s: *const Str) -> bool {
        #[cfg(target_pointer_width = "32")]
        {
            self.kstr == s as u32
        }
        #[cfg(not(target_pointer_width = "32"))]
        {
            self.kstr == s as usize as u32 && self.key_payload == s as usize as u64
        }
    }
}

/// Flags of a table.
pub(crate) mod table_flag {
    /// The hash part may hold positive integer keys.
    pub const INT_KEYS: u8 = 1;
    /// Weak keys and values (as the last traversal saw them).
    pub const WEAK_KEYS: u8 = 2;
    pub const WEAK_VALUES: u8 = 4;
    /// The collector looks at it piece by piece in this cycle: what is stored in it is marked at once.
    pub const LARGE: u8 = 8;
}

/// A table: array part and hash part (see `table.rs`).
#[repr(C)]
pub(crate) struct Table {
    pub gray: Gray,
    pub array: *mut Value,
    /// Slots of the array part in use: keys 1 to `len`.
    pub len: u32,
    /// Slots there are.
    pub cap: u32,
    pub nodes: *mut Node,
    /// Bytes of the hash part: number of nodes times 32. At least 32: empty tables share one node.
    pub node_bytes: u32,
    /// Nodes from here up are in use (search for a free one goes down).
    pub last_free: u32,
    pub meta: *mut Table,
    /// Bit e set: this table, as a metatable, certainly has no field for event e.
    pub absent: u32,
    /// 0, or the number of the external table that this one stands for (see [`Table::cache`]).
    pub external: u32,
}

impl Table {
    /// What has been read of the external table that `this` stands for, or null.
    ///
    /// The raw parts of such a table stay empty for ever, so its fields for them hold two other things: `array` the
    /// table of what has been read, and `last_free` the epoch in which that is true. Nothing of it is to be seen
    /// where `cap` or `len` is looked at first, and these stay 0.
    ///
    /// # Safety
    /// `this` is a live table with `external` not 0.
    #[inline(always)]
    pub unsafe fn cache(this: *mut Table, epoch: u32) -> *mut Table {
        // SAFETY: by contract; `array` is null or was set by `set_cache`, and the collector keeps it alive in
        // the epoch that stands beside it.
        unsafe {
            if (*this).last_free == epoch {
                (*this).array.cast()
            } else {
                std::ptr::null_mut()
            }
        }
    }

    /// # Safety
    /// As [`Table::cache`]; the caller sees to the write barrier.
    pub unsafe fn set_cache(this: *mut Table, epoch: u32, cache: *mut Table) {
        // SAFETY: by contract.
        unsafe {
            (*this).array = cache.cast();
            (*this).last_free = epoch;
        }
    }
}

/// A Lua function: prototype and upvalues (which follow).
#[repr(C)]
pub(crate) struct Closure {
    pub gray: Gray,
    pub proto: *mut Proto,
    pub n_upvals: u32,
}

impl Closure {
    pub fn size(n: usize) -> usize {
        size_of::<Closure>() + n * size_of::<*mut Upval>()
    }
}

/// A native function with upvalues (which follow).
#[repr(C)]
pub(crate) struct NativeClosure {
    pub gray: Gray,
    pub native: &'static Native,
    pub n_upvals: u32,
    pub pad: u32,
}

impl NativeClosure {
    pub const fn base() -> usize {
        size_of::<NativeClosure>().next_multiple_of(8)
    }
    pub fn size(n: usize) -> usize {
        NativeClosure::base() + n * size_of::<Value>()
    }
}

/// A variable shared by closures. Open: `v` points into a stack; closed: at `value`.
#[repr(C)]
pub(crate) struct Upval {
    pub header: Header,
    pub v: *mut Value,
    /// Next open upvalue of the thread, towards lower slots.
    pub next: *mut Upval,
    /// Owner of the stack while open, null when closed.
    pub thread: *mut Thread,
    pub value: Value,
}

/// A sealed prototype on the heap. Its lists are in one block:
///
/// ```text
///   code (u64) | constants (Value) | prototypes | upvalues | local variables | lines (u32)
/// ```
#[repr(C)]
pub(crate) struct Proto {
    pub gray: Gray,
    pub code: *mut u64,
    pub k: *mut Value,
    pub max_stack: u8,
    pub n_params: u8,
    pub is_vararg: bool,
    pub n_upvals: u8,
    pub n_code: u32,
    pub n_k: u32,
    pub n_protos: u32,
    pub n_locals: u32,
    /// As many as words of code, or none.
    pub n_lines: u32,
    pub line_defined: u32,
    pub last_line_defined: u32,
    pub protos: *mut *mut Proto,
    pub upvals: *mut UpvalInfo,
    pub locals: *mut LocalVar,
    pub lines: *mut u32,
    pub source: *mut Str,
}

/// How a closure finds one of its upvalues when it is created, and what it is called.
#[repr(C)]
pub(crate) struct UpvalInfo {
    /// Empty when stripped.
    pub name: *mut Str,
    pub in_stack: bool,
    pub index: u8,
    pub kind: VarKind,
}

/// A local variable's name and the words of code over which it is alive.
#[repr(C)]
pub(crate) struct LocalVar {
    pub name: *mut Str,
    pub start_pc: u32,
    pub end_pc: u32,
    pub register: u8,
}

/// The lengths of a prototype's lists.
pub(crate) struct ProtoLayout {
    pub n_code: usize,
    pub n_k: usize,
    pub n_protos: usize,
    pub n_upvals: usize,
    pub n_locals: usize,
    pub n_lines: usize,
}

// Each list of the block is aligned where the one before it ends.
const _: () = assert!(
    align_of::<Value>() <= 8
        && size_of::<UpvalInfo>().is_multiple_of(align_of::<LocalVar>())
        && align_of::<UpvalInfo>() <= align_of::<*mut Proto>()
        && align_of::<LocalVar>() <= align_of::<*mut Proto>()
        && align_of::<u32>() <= align_of::<LocalVar>()
);

impl ProtoLayout {
    /// Bytes of the block with the lists. The lists are in memory already, so it cannot overflow.
    pub fn size(&self) -> usize {
        self.n_code * size_of::<u64>()
            + self.n_k * size_of::<Value>()
            + self.n_protos * size_of::<*mut Proto>()
            + self.n_upvals * size_of::<UpvalInfo>()
            + self.n_locals * size_of::<LocalVar>()
            + self.n_lines * size_of::<u32>()
    }

    /// A prototype with these lengths of lists, of which nothing else is set but where its lists are.
    ///
    /// # Safety
    /// The block has [`ProtoLayout::size`] bytes.
    pub unsafe fn lists(&self, block: *mut u8, header: Header) -> Proto {
        // SAFETY: each list begins where the one before it ends, and the last one at or before the end.
        unsafe {
            let code = block.cast::<u64>();
            let k = code.add(self.n_code).cast::<Value>();
            let protos = k.add(self.n_k).cast::<*mut Proto>();
            let upvals = protos.add(self.n_protos).cast::<UpvalInfo>();
            let locals = upvals.add(self.n_upvals).cast::<LocalVar>();
            let lines = locals.add(self.n_locals).cast::<u32>();
            Proto {
                gray: Gray {
                    header,
                    next: std::ptr::null_mut(),
                },
                code,
                k,
                max_stack: 0,
                n_params: 0,
                is_vararg: false,
                n_upvals: self.n_upvals as u8,
                n_code: self.n_code as u32,
                n_k: self.n_k as u32,
                n_protos: self.n_protos as u32,
                n_locals: self.n_locals as u32,
                n_lines: self.n_lines as u32,
                line_defined: 0,
                last_line_defined: 0,
                protos,
                upvals,
                locals,
                lines,
                source: std::ptr::null_mut(),
            }
        }
    }
}

impl Proto {
    /// Bytes of the block with its lists.
    ///
    /// # Safety
    /// `this` is live.
    pub unsafe fn block_size(this: *const Proto) -> usize {
        // SAFETY: the caller's.
        unsafe {
            ProtoLayout {
                n_code: (*this).n_code as usize,
                n_k: (*this).n_k as usize,
                n_protos: (*this).n_protos as usize,
                n_upvals: (*this).n_upvals.into(),
                n_locals: (*this).n_locals as usize,
                n_lines: (*this).n_lines as usize,
            }
            .size()
        }
    }

    /// The prototypes of the functions in it.
    ///
    /// # Safety
    /// `this` is live for as long as the list is used.
    pub unsafe fn protos<'a>(this: *const Proto) -> &'a [*mut Proto] {
        // SAFETY: the list was filled in when the prototype was made, and never changes.
        unsafe { std::slice::from_raw_parts((*this).protos, (*this).n_protos as usize) }
    }

    /// Its upvalues.
    ///
    /// # Safety
    /// As [`Proto::protos`].
    pub unsafe fn upvals<'a>(this: *const Proto) -> &'a [UpvalInfo] {
        // SAFETY: as in `protos`.
        unsafe { std::slice::from_raw_parts((*this).upvals, (*this).n_upvals.into()) }
    }

    /// Its local variables, in order of `start_pc`.
    ///
    /// # Safety
    /// As [`Proto::protos`].
    pub unsafe fn locals<'a>(this: *const Proto) -> &'a [LocalVar] {
        // SAFETY: as in `protos`.
        unsafe { std::slice::from_raw_parts((*this).locals, (*this).n_locals as usize) }
    }

    /// The line of each word of its code, or none.
    ///
    /// # Safety
    /// As [`Proto::protos`].
    pub unsafe fn lines<'a>(this: *const Proto) -> &'a [u32] {
        // SAFETY: as in `protos`.
        unsafe { std::slice::from_raw_parts((*this).lines, (*this).n_lines as usize) }
    }
}

/// A full userdata: user values, then bytes.
#[repr(C)]
pub(crate) struct Userdata {
    pub gray: Gray,
    pub meta: *mut Table,
    pub size: u32,
    pub n_values: u32,
}

impl Userdata {
    pub const fn base() -> usize {
        size_of::<Userdata>().next_multiple_of(8)
    }
    pub fn size(n: usize, bytes: usize) -> usize {
        Userdata::base() + n * size_of::<Value>() + bytes
    }
}

/// Life of a coroutine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    /// Created and never resumed, or suspended in a yield.
    Suspended,
    Running,
    /// Has resumed another coroutine.
    Normal,
    /// Resumed by the host and suspended with everything above it; `resumer` is where it goes on.
    Waiting,
    Finished,
    /// Ended by an error, which is on top of its stack.
    Failed,
}

/// One activation record; see `frame.rs` for flags.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Frame {
    /// The Lua function, or null for a native one.
    pub closure: *mut Closure,
    /// Lua: the word after the first word of the current instruction.
    pub pc: *mut u64,
    pub k: *const Value,
    /// First register or argument; the function is one below.
    pub base: *mut Value,
    /// Where results go.
    pub ret: *mut Value,
    /// Lua: number of arguments, then of extra arguments. Native: number of arguments.
    pub n_args: u32,
    /// Lua: scratch of a suspended instruction. Native: slot of a pending call.
    pub aux: u32,
    /// Wanted results, -1 for all.
    pub n_results: i16,
    pub flags: u16,
}

/// A Lua stack with its activation records.
#[repr(C)]
pub(crate) struct Thread {
    pub gray: Gray,
    pub stack: *mut Value,
    /// Address up to which a frame may reach; `EXTRA` slots lie beyond it.
    pub stack_end: *mut Value,
    pub top: *mut Value,
    /// The running frame.
    pub frame: *mut Frame,
    pub frames: *mut Frame,
    pub frames_end: *mut Frame,
    pub open: *mut Upval,
    /// Who resumed it; while it waits for the host, the innermost of the coroutines above it, or itself.
    pub resumer: *mut Thread,
    /// Slots of to-be-closed variables, in increasing order.
    pub tbc: *mut u32,
    pub n_tbc: u32,
    pub cap_tbc: u32,
    pub stack_size: u32,
    /// Nested runs inside this thread: while not 0 it cannot yield.
    pub n_nested: u32,
    /// Natives of this thread that wait for a call they asked for.
    pub n_waiting: u32,
    pub status: Status,
    /// 1: being closed, no error so far; 2: being closed with an error.
    pub closing: u8,
    /// Events for which the hook is called; see `interp/hook.rs`.
    pub hook_mask: u8,
    /// Not 0: there is a hook, and it is not running now. Then the loop looks at every instruction.
    pub trap: u8,
    /// The hook is running.
    pub in_hook: bool,
    /// Instructions between two count events, and how many of them are left.
    pub hook_count: u32,
    pub hook_left: u32,
    /// Word of the last line event.
    pub old_pc: u32,
    /// While the hook runs: index of the frame it was called for, and the values that go in or come out there.
    pub hook_frame: u32,
    pub first_transfer: u32,
    pub n_transfer: u32,
}
