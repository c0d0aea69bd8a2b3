//! Instructions in their general form: what the loop leaves to a function because none of its short ways fits.
//!
//! An arm that finds other operands than it was made for leaves the instruction to [`perform`], which looks at the word
//! once more and takes its operands by their kinds. So the loop has one place for all slow halves, and no arm
//! copies an operand before it knows what it is.

use super::call::Flow;
use super::{event_of, meta_call};
use crate::Vm;
use crate::checked::holds;
use crate::heap::object::*;
use crate::isa::{INFO, Instr, Kind, Op};
use crate::meta::Event;
use crate::native::Thrown;
use crate::table;
use crate::value::{self, Value, tag};

/// Tables that are looked at before the general lookup begins.
const MAX_INHERITANCE: u32 = 16;

/// Does the instruction before the program counter that is stored in the frame.
#[inline(never)]
pub(super) unsafe fn perform(vm: &mut Vm) -> Result<Flow, Thrown> {
    // SAFETY: a Lua frame is running; the verifier has bounded the operands of its instructions.
    unsafe {
        let frame = (*vm.th).frame;
        let instr = Instr(*Frame::current(frame));
        let Some(op) = instr.op() else {
            return Ok(Flow::Run);
        };
        let info = op.info();
        // Where the field is no register that is written, this is only an address, which nobody uses.
        let to = (*frame).base.wrapping_byte_add(instr.a() as usize);
        holds("a register that is written", || {
            info.a != Kind::Out || to == Frame::register(frame, instr.a() as usize)
        });
        // The frequent ones first, for which the kinds need no look.
        if matches!(op, Op::GetField | Op::SelfField) {
            let object = Frame::register(frame, instr.b() as usize);
            let key = Frame::constant(frame, instr.c() as usize);
            if (*object).is_table() {
                match inherited(vm, (*object).as_table(), (*key).as_str()) {
                    Inherited::Value(node) => {
                        if op == Op::SelfField {
                            value::assign(to.add(1), object);
                        }
                        let v = match node.is_null() {
                            true => Value::NIL,
                            false => (*node).value(),
                        };
                        value::assign(to, &raw const v);
                        (*frame).pc = (*frame).pc.add(1);
                        return Ok(Flow::Run);
                    }
                    Inherited::Method(method, owner) => {
                        if op == Op::SelfField {
                            value::assign(to.add(1), object);
                        }
                        let owner = Value::table(owner);
                        return meta_call::call_method(vm, method, [&raw const owner, key], to);
                    }
                    Inherited::Other => {}
                }
            }
            let object = *object;
            if op == Op::SelfField {
                value::assign(to.add(1), &raw const object);
            }
            return meta_call::get(vm, object, *key, to);
        }
        if op == Op::GetIndex {
            let object = Frame::register(frame, instr.b() as usize);
            let key = Frame::register(frame, instr.c() as usize);
            if (*object).is_table() && (!(*key).is_string() || Str::is_short((*key).as_str())) {
                let t = (*object).as_table();
                let v = table::get(&mut vm.heap, t, *key);
                if !v.is_nil() {
                    value::assign(to, &raw const v);
                    return Ok(Flow::Run);
                }
                if (*t).external == 0 {
                    let method = vm.metamethod_of((*t).meta, Event::Index);
                    if method.tag == tag::CLOSURE {
                        return meta_call::call_method(vm, method, [object, key], to);
                    }
                }
            }
            return meta_call::get(vm, *object, *key, to);
        }
        if (Op::Add..=Op::Shr).contains(&op)
            && let Some(event) = event_of(op)
        {
            let b = Frame::register(frame, instr.b() as usize);
            let c = Frame::register(frame, instr.c() as usize);
            return meta_call::arith(vm, event, b, c, to);
        }
        let mut immediate = Value::NIL;
        // An operand of an operation that is known here: its kind needs no look.
        macro_rules! of {
            ($op:ident, $field:ident) => {
                operand(
                    frame,
                    const { INFO[Op::$op as usize].$field },
                    instr.$field(),
                    &raw mut immediate,
                )
            };
        }
        match op {
            Op::SetField => {
                return meta_call::set(vm, of!(SetField, a), of!(SetField, b), of!(SetField, c));
            }
            Op::SetIndex => {
                let (object, key) = (of!(SetIndex, a), of!(SetIndex, b));
                if (*object).is_table() {
                    let t = (*object).as_table();
                    if (*t).meta.is_null() && (*t).external == 0 {
                        return meta_call::set_plain(vm, t, key, of!(SetIndex, c));
                    }
                }
                return meta_call::set(vm, of!(SetIndex, a), of!(SetIndex, b), of!(SetIndex, c));
            }
            Op::Eq => return meta_call::compare(vm, Event::Eq, of!(Eq, a), of!(Eq, b)),
            Op::Lt => return meta_call::compare(vm, Event::Lt, of!(Lt, a), of!(Lt, b)),
            Op::Le => return meta_call::compare(vm, Event::Le, of!(Le, a), of!(Le, b)),
            Op::Len => return meta_call::len(vm, of!(Len, b), to),
            _ => {}
        }
        let a = operand(frame, info.a, instr.a(), &raw mut immediate);
        let b = operand(frame, info.b, instr.b(), &raw mut immediate);
        let c = operand(frame, info.c, instr.c(), &raw mut immediate);
        match op {
            Op::GetUpField | Op::GetInt => meta_call::get(vm, *b, *c, to),
            Op::SetUpField
            | Op::SetUpFieldK
            | Op::SetIndexK
            | Op::SetInt
            | Op::SetIntK
            | Op::SetFieldK => meta_call::set(vm, a, b, c),
            Op::EqK => meta_call::compare(vm, Event::Eq, a, b),
            Op::LtI => meta_call::compare(vm, Event::Lt, a, b),
            Op::LeI => meta_call::compare(vm, Event::Le, a, b),
            Op::GtI => meta_call::compare(vm, Event::Lt, b, a),
            Op::GeI => meta_call::compare(vm, Event::Le, b, a),
            _ => match event_of(op) {
                Some(event) if op == Op::Unm || op == Op::BNot => {
                    meta_call::arith(vm, event, b, b, to)
                }
                // A constant that stood on the left.
                Some(event) if instr.f() != 0 => meta_call::arith(vm, event, c, b, to),
                Some(event) => meta_call::arith(vm, event, b, c, to),
                None => Ok(Flow::Run),
            },
        }
    }
}

/// What a field of a table is, if only tables come up on the way.
enum Inherited {
    /// The value of this node; null: nil.
    Value(*mut Node),
    /// What this Lua function makes of it, for this table.
    Method(Value, *mut Table),
    Other,
}

/// A field of a table, or of the tables that its metatables name as `__index`.
#[inline(always)]
unsafe fn inherited(vm: &mut Vm, t: *mut Table, name: *const Str) -> Inherited {
    // SAFETY: live tables.
    unsafe {
        let mut t = t;
        for _ in 0..MAX_INHERITANCE {
            if (*t).external != 0 {
                return Inherited::Other;
            }
            let node = table::find_name(t, name);
            if !node.is_null() && (*node).tag != tag::NIL {
                return Inherited::Value(node);
            }
            let next = vm.metamethod_of((*t).meta, Event::Index);
            if next.is_table() {
                t = next.as_table();
                continue;
            }
            return match next.tag {
                tag::NIL => Inherited::Value(std::ptr::null_mut()),
                tag::CLOSURE => Inherited::Method(next, t),
                _ => Inherited::Other,
            };
        }
        Inherited::Other
    }
}

/// Where the value of an operand field of this kind is. Only one of an instruction's fields is an immediate that is a
/// value, and its place is `immediate`.
#[inline(always)]
unsafe fn operand(
    frame: *mut Frame,
    kind: Kind,
    field: u16,
    immediate: *mut Value,
) -> *const Value {
    // SAFETY: as `perform`.
    unsafe {
        match kind {
            Kind::In => Frame::register(frame, field as usize),
            Kind::Const | Kind::ConstName => Frame::constant(frame, field as usize),
            Kind::Upval => (**Closure::upval((*frame).closure, field as usize)).v,
            Kind::Imm | Kind::ImmU => {
                *immediate = Value::int(match kind {
                    Kind::Imm => field as i16 as i64,
                    _ => field as i64,
                });
                immediate
            }
            Kind::None
            | Kind::Out
            | Kind::Window
            | Kind::ConstD
            | Kind::ProtoD
            | Kind::ImmD
            | Kind::Count
            | Kind::Jump
            | Kind::JumpD => immediate,
        }
    }
}
