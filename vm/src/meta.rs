//! The metamethod events: one list, and how a metamethod is found.

use crate::Vm;
use crate::heap::object::*;
use crate::table;
use crate::value::{Value, tag};

macro_rules! events {
    ($($variant:ident $name:literal,)*) => {
        /// A metatable field with a meaning to the machine or the library (manual, section 2.4).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each variant is named as the field it stands for")]
        pub enum Event { $($variant,)* }

        /// The field names, in the order of [`Event`].
        pub const EVENT_NAMES: &[&str] = &[$($name,)*];
    };
}

events! {
    Index "__index",
    NewIndex "__newindex",
    Gc "__gc",
    Mode "__mode",
    Len "__len",
    Eq "__eq",
    Add "__add",
    Sub "__sub",
    Mul "__mul",
    Mod "__mod",
    Pow "__pow",
    Div "__div",
    IDiv "__idiv",
    BAnd "__band",
    BOr "__bor",
    BXor "__bxor",
    Shl "__shl",
    Shr "__shr",
    Unm "__unm",
    BNot "__bnot",
    Lt "__lt",
    Le "__le",
    Concat "__concat",
    Call "__call",
    Close "__close",
    Pairs "__pairs",
    ToString "__tostring",
    Name "__name",
    Metatable "__metatable",
}

/// Number of events.
pub(crate) const N_EVENTS: usize = EVENT_NAMES.len();

impl Event {
    /// Name of the field, `__index` and the like.
    pub fn name(self) -> &'static str {
        EVENT_NAMES[self as usize]
    }
}

/// The basic types, as `type` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(
    missing_docs,
    reason = "each variant is named as the type it stands for"
)]
pub enum Type {
    None,
    Nil,
    Boolean,
    LightUserdata,
    Number,
    String,
    Table,
    Function,
    Userdata,
    Thread,
}

impl Type {
    /// "no value", "nil", "boolean", "userdata", "number", ...
    pub fn name(self) -> &'static str {
        match self {
            Type::None => "no value",
            Type::Nil => "nil",
            Type::Boolean => "boolean",
            Type::LightUserdata | Type::Userdata => "userdata",
            Type::Number => "number",
            Type::String => "string",
            Type::Table => "table",
            Type::Function => "function",
            Type::Thread => "thread",
        }
    }
}

impl Value {
    pub(crate) fn type_of(self) -> Type {
        match self.tag {
            tag::NIL | tag::DEAD => Type::Nil,
            tag::FALSE | tag::TRUE => Type::Boolean,
            tag::LIGHT => Type::LightUserdata,
            tag::INTEGER | tag::FLOAT => Type::Number,
            tag::STRING => Type::String,
            tag::TABLE => Type::Table,
            tag::USERDATA => Type::Userdata,
            tag::THREAD => Type::Thread,
            _ => Type::Function,
        }
    }
}

impl Vm {
    /// Metatable of any value, or null.
    #[inline(always)]
    pub(crate) unsafe fn meta_of(&self, v: Value) -> *mut Table {
        // SAFETY: a valid value.
        unsafe {
            match v.tag {
                tag::TABLE => (*v.as_table()).meta,
                tag::USERDATA => (*v.as_userdata()).meta,
                _ => self.type_meta[v.type_of() as usize],
            }
        }
    }

    /// Metamethod of a metatable (which may be null), or nil.
    #[inline(always)]
    pub(crate) unsafe fn metamethod_of(&self, meta: *mut Table, event: Event) -> Value {
        // SAFETY: null or a live table.
        unsafe {
            if meta.is_null() || (*meta).absent & 1 << event as u32 != 0 {
                return Value::NIL;
            }
            let v = table::get_name(meta, self.events[event as usize]);
            if v.is_nil() {
                (*meta).absent |= 1 << event as u32;
            }
            v
        }
    }

    /// Metamethod of a value, or nil.
    #[inline(always)]
    pub(crate) unsafe fn metamethod(&self, v: Value, event: Event) -> Value {
        // SAFETY: a valid value.
        unsafe { self.metamethod_of(self.meta_of(v), event) }
    }
}
