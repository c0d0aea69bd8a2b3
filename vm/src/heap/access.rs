//! Addresses inside objects: array slots, nodes, registers, constants, words of code, stack slots, upvalues.
//!
//! None of these functions looks whether what it computes is inside the object; the callers know. What they must know is
//! written as a condition of [`holds`], which checked builds assert: so each function is its own asserting twin, and no
//! caller can tell the builds apart.

use super::object::*;
use crate::checked::holds;
use crate::value::{Value, tag};

/// Whether a header is that of a live object of this kind: a freed cell has kind 0.
///
/// # Safety
/// The address of an object, live or freed, whose page is still there.
pub(crate) unsafe fn is_kind<T>(object: *const T, kind: u32) -> bool {
    // SAFETY: by contract; every object starts with its header.
    unsafe { !object.is_null() && (*object.cast::<Header>()).kind as u32 == kind }
}

impl Table {
    /// Slot `i` of the array part, counted from 0.
    ///
    /// # Safety
    /// `this` is live and `i < cap`; below `len` it has been written.
    #[inline(always)]
    pub unsafe fn slot(this: *const Table, i: usize) -> *mut Value {
        // SAFETY: by contract.
        unsafe {
            holds("a slot of an array part", || {
                is_kind(this, tag::TABLE) && (*this).external == 0 && i < (*this).cap as usize
            });
            (*this).array.add(i)
        }
    }

    /// Node `i` of the hash part.
    ///
    /// # Safety
    /// `this` is live and has more than `i` nodes.
    #[inline(always)]
    pub unsafe fn node(this: *const Table, i: usize) -> *mut Node {
        // SAFETY: by contract.
        unsafe {
            let node = (*this).nodes.add(i);
            holds("a node of a hash part", || Table::has_node(this, node));
            node
        }
    }

    /// The node at a hint, a number of bytes that may be too large for this table: the caller looks before it uses it.
    ///
    /// # Safety
    /// `this` is live.
    #[inline(always)]
    pub unsafe fn hinted(this: *const Table, bytes: u32) -> *mut Node {
        // SAFETY: by contract.
        unsafe {
            let node = (*this).nodes.wrapping_byte_add(bytes as usize);
            holds("a hint", || {
                bytes >= (*this).node_bytes || Table::has_node(this, node)
            });
            node
        }
    }

    /// The node at this distance from one of the table's.
    ///
    /// # Safety
    /// `this` is live, and the distance is that of a node of its hash part.
    #[inline(always)]
    pub unsafe fn follow(this: *const Table, node: *mut Node, distance: i32) -> *mut Node {
        // SAFETY: by contract.
        unsafe {
            let next = node.offset(distance as isize);
            holds("a link of a chain", || Table::has_node(this, next));
            next
        }
    }

    /// Whether this is the address of a node of the hash part.
    ///
    /// # Safety
    /// `this` is null or a table, live or freed.
    unsafe fn has_node(this: *const Table, node: *const Node) -> bool {
        // SAFETY: by contract.
        unsafe {
            let bytes = (node as usize).wrapping_sub((*this).nodes as usize);
            is_kind(this, tag::TABLE)
                && (*this).node_bytes.is_power_of_two()
                && bytes < (*this).node_bytes as usize
                && bytes.is_multiple_of(size_of::<Node>())
        }
    }
}

impl Frame {
    /// `n` registers from the one at this offset (in bytes) on.
    ///
    /// # Safety
    /// A frame of a Lua function with this base, and an offset that the verifier has accepted.
    #[inline(always)]
    pub unsafe fn window(
        this: *const Frame,
        base: *mut Value,
        offset: usize,
        n: usize,
    ) -> *mut Value {
        // SAFETY: by contract.
        unsafe {
            holds("a register", || {
                let size = size_of::<Value>();
                is_kind((*this).closure, tag::CLOSURE)
                    && base == (*this).base
                    && offset.is_multiple_of(size)
                    && offset / size + n <= (*(*(*this).closure).proto).max_stack as usize
            });
            base.byte_add(offset)
        }
    }

    /// The register at this offset.
    ///
    /// # Safety
    /// As [`Frame::window`].
    #[inline(always)]
    pub unsafe fn register(this: *const Frame, offset: usize) -> *mut Value {
        // SAFETY: by contract.
        unsafe { Frame::window(this, (*this).base, offset, 1) }
    }

    /// The constant at this offset (in bytes).
    ///
    /// # Safety
    /// As [`Frame::window`].
    #[inline(always)]
    pub unsafe fn constant(this: *const Frame, offset: usize) -> *const Value {
        // SAFETY: by contract.
        unsafe {
            holds("a constant", || {
                let size = size_of::<Value>();
                let proto = (*(*this).closure).proto;
                is_kind(proto, tag::PROTO)
                    && (*this).k == (*proto).k.cast_const()
                    && offset.is_multiple_of(size)
                    && offset / size < (*proto).n_k as usize
            });
            (*this).k.byte_add(offset)
        }
    }

    /// Constant `i`.
    ///
    /// # Safety
    /// As [`Frame::window`].
    #[inline(always)]
    pub unsafe fn constant_number(this: *const Frame, i: usize) -> *const Value {
        // SAFETY: by contract.
        unsafe {
            holds("a constant", || {
                let proto = (*(*this).closure).proto;
                is_kind(proto, tag::PROTO) && i < (*proto).n_k as usize
            });
            (*this).k.add(i)
        }
    }

    /// `pc`, which is that of an instruction of the frame's function.
    ///
    /// # Safety
    /// A frame of a Lua function.
    #[inline(always)]
    pub unsafe fn at(this: *const Frame, pc: *mut u64) -> *mut u64 {
        // SAFETY: by contract.
        unsafe {
            holds("a word of code", || {
                let proto = (*(*this).closure).proto;
                let bytes = (pc as usize).wrapping_sub((*proto).code as usize);
                is_kind(proto, tag::PROTO)
                    && bytes.is_multiple_of(size_of::<u64>())
                    && bytes / size_of::<u64>() < (*proto).n_code as usize
            });
            pc
        }
    }

    /// The first word of the instruction that a stopped frame is at.
    ///
    /// # Safety
    /// A frame of a Lua function whose program counter has been stored.
    #[inline(always)]
    pub unsafe fn current(this: *const Frame) -> *mut u64 {
        // SAFETY: by contract: a stored program counter is one word further.
        unsafe { Frame::at(this, (*this).pc.sub(1)) }
    }
}

impl Thread {
    /// Slot `i` of the stack.
    ///
    /// # Safety
    /// `this` is live, and `i` is below the size of its stack, or that size.
    #[inline(always)]
    pub unsafe fn slot(this: *const Thread, i: usize) -> *mut Value {
        // SAFETY: by contract.
        unsafe {
            holds("a stack slot", || {
                is_kind(this, tag::THREAD) && i <= (*this).stack_size as usize
            });
            (*this).stack.add(i)
        }
    }

    /// Whether the thread's top, its running frame and that frame's slots are where they belong.
    ///
    /// # Safety
    /// `this` is live.
    pub unsafe fn is_whole(this: *const Thread) -> bool {
        // SAFETY: by contract.
        unsafe {
            let last = (*this).stack.add((*this).stack_size as usize);
            let slots = (*this).stack..=last;
            is_kind(this, tag::THREAD)
                && slots.contains(&(*this).stack_end)
                && slots.contains(&(*this).top)
                && ((*this).frames..(*this).frames_end).contains(&(*this).frame)
                && slots.contains(&(*(*this).frame).base)
                && slots.contains(&(*(*this).frame).ret)
        }
    }
}

impl Proto {
    /// Constant `i`.
    ///
    /// # Safety
    /// `this` is live and `i < n_k`.
    #[inline(always)]
    pub unsafe fn constant(this: *const Proto, i: usize) -> *mut Value {
        // SAFETY: by contract.
        unsafe {
            holds("a constant", || {
                is_kind(this, tag::PROTO) && i < (*this).n_k as usize
            });
            (*this).k.add(i)
        }
    }

    /// Word `i` of the code.
    ///
    /// # Safety
    /// `this` is live and `i < n_code`.
    #[inline(always)]
    pub unsafe fn word(this: *const Proto, i: usize) -> *mut u64 {
        // SAFETY: by contract.
        unsafe {
            holds("a word of code", || {
                is_kind(this, tag::PROTO) && i < (*this).n_code as usize
            });
            (*this).code.add(i)
        }
    }

    /// The prototype of the function in it that has this number.
    ///
    /// # Safety
    /// `this` is live and `i < n_protos`.
    #[inline(always)]
    pub unsafe fn inner(this: *const Proto, i: usize) -> *mut Proto {
        // SAFETY: by contract.
        unsafe {
            holds("a prototype in a prototype", || {
                is_kind(this, tag::PROTO) && i < (*this).n_protos as usize
            });
            *(*this).protos.add(i)
        }
    }

    /// How closures find upvalue `i`.
    ///
    /// # Safety
    /// `this` is live and `i < n_upvals`.
    #[inline(always)]
    pub unsafe fn upval(this: *const Proto, i: usize) -> *mut UpvalInfo {
        // SAFETY: by contract.
        unsafe {
            holds("the description of an upvalue", || {
                is_kind(this, tag::PROTO) && i < (*this).n_upvals as usize
            });
            (*this).upvals.add(i)
        }
    }
}

impl Closure {
    /// Upvalue `i`.
    ///
    /// # Safety
    /// `this` is live and `i < n_upvals`.
    #[inline(always)]
    pub unsafe fn upval(this: *mut Closure, i: usize) -> *mut *mut Upval {
        // SAFETY: the upvalue pointers follow the struct in the same allocation.
        unsafe {
            holds("an upvalue", || {
                is_kind(this, tag::CLOSURE) && i < (*this).n_upvals as usize
            });
            this.add(1).cast::<*mut Upval>().add(i)
        }
    }
}

impl NativeClosure {
    /// Upvalue `i`.
    ///
    /// # Safety
    /// `this` is live and `i < n_upvals`.
    #[inline(always)]
    pub unsafe fn upval(this: *mut NativeClosure, i: usize) -> *mut Value {
        // SAFETY: the upvalues follow the struct in the same allocation.
        unsafe {
            holds("an upvalue of a native", || {
                is_kind(this, tag::NATIVE_CLOSURE) && i < (*this).n_upvals as usize
            });
            this.cast::<u8>()
                .add(NativeClosure::base())
                .cast::<Value>()
                .add(i)
        }
    }
}

impl Userdata {
    /// User value `i`.
    ///
    /// # Safety
    /// `this` is live and `i < n_values`.
    pub unsafe fn user_value(this: *mut Userdata, i: usize) -> *mut Value {
        // SAFETY: the user values follow the struct in the same allocation.
        unsafe {
            holds("a user value", || {
                is_kind(this, tag::USERDATA) && i < (*this).n_values as usize
            });
            Userdata::values(this).add(i)
        }
    }

    /// # Safety
    /// `this` is live.
    pub unsafe fn data(this: *mut Userdata) -> *mut u8 {
        // SAFETY: the bytes follow the user values in the same allocation.
        unsafe {
            holds("the bytes of a userdata", || is_kind(this, tag::USERDATA));
            Userdata::values(this).add((*this).n_values as usize).cast()
        }
    }

    unsafe fn values(this: *mut Userdata) -> *mut Value {
        // SAFETY: they follow the struct in the same allocation.
        unsafe { this.cast::<u8>().add(Userdata::base()).cast() }
    }
}
