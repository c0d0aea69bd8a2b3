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
use crate::isa::{Instr, Kind, Op};
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
            let object = operand(frame, Kind::In, instr.b());
            if op == Op::SelfField {
                value::assign(to.add(1), &raw const object);
            }
            let key = operand(frame, Kind::Const, instr.c());
            if object.is_table()
                && let Some(v) = inherited(vm, object.as_table(), key.as_str())
            {
                value::assign(to, &raw const v);
                (*frame).pc = (*frame).pc.add(1);
                return Ok(Flow::Run);
            }
            return meta_call::get(vm, object, key, to);
        }
        if op == Op::GetIndex {
            let object = operand(frame, Kind::In, instr.b());
            let key = operand(frame, Kind::In, instr.c());
            if object.is_table() && !key.is_string() {
                let v = table::get(&mut vm.heap, object.as_table(), key);
                if !v.is_nil() {
                    value::assign(to, &raw const v);
                    return Ok(Flow::Run);
                }
            }
            return meta_call::get(vm, object, key, to);
        }
        if (Op::Add..=Op::Shr).contains(&op)
            && let Some(event) = event_of(op)
        {
            let b = operand(frame, Kind::In, instr.b());
            let c = operand(frame, Kind::In, instr.c());
            return meta_call::arith(vm, event, b, c, to);
        }
        let a = operand(frame, info.a, instr.a());
        let b = operand(frame, info.b, instr.b());
        let c = operand(frame, info.c, instr.c());
        match op {
            Op::GetUpField | Op::GetIndex | Op::GetInt => meta_call::get(vm, b, c, to),
            Op::SetUpField
            | Op::SetUpFieldK
            | Op::SetIndex
            | Op::SetIndexK
            | Op::SetInt
            | Op::SetIntK
            | Op::SetField
            | Op::SetFieldK => meta_call::set(vm, a, b, c),
            Op::Len => meta_call::len(vm, b, to),
            Op::Eq | Op::EqK => meta_call::compare(vm, Event::Eq, a, b),
            Op::Lt | Op::LtI => meta_call::compare(vm, Event::Lt, a, b),
            Op::Le | Op::LeI => meta_call::compare(vm, Event::Le, a, b),
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

/// Value of a field of a table, or of the tables that its metatables name as `__index`; `None` when something else than
/// a table comes up on the way.
unsafe fn inherited(vm: &mut Vm, t: *mut Table, name: *const Str) -> Option<Value> {
    // SAFETY: live tables.
    unsafe {
        let mut t = t;
        for _ in 0..MAX_INHERITANCE {
            if (*t).external != 0 {
                return None;
            }
            let node = table::find_name(t, name);
            if !node.is_null() && (*node).tag != tag::NIL {
                return Some((*node).value());
            }
            if (*t).meta.is_null() {
                return Some(Value::NIL);
            }
            let next = vm.metamethod_of((*t).meta, Event::Index);
            if next.is_nil() {
                return Some(Value::NIL);
            }
            if !next.is_table() {
                return None;
            }
            t = next.as_table();
        }
        None
    }
}

/// Value of an operand field of this kind.
#[inline(always)]
unsafe fn operand(frame: *mut Frame, kind: Kind, field: u16) -> Value {
    // SAFETY: as `perform`.
    unsafe {
        match kind {
            Kind::In => *Frame::register(frame, field as usize),
            Kind::Const | Kind::ConstName => *Frame::constant(frame, field as usize),
            Kind::Upval => *(**Closure::upval((*frame).closure, field as usize)).v,
            Kind::Imm => Value::int(field as i16 as i64),
            Kind::ImmU => Value::int(field as i64),
            Kind::None
            | Kind::Out
            | Kind::Window
            | Kind::ConstD
            | Kind::ProtoD
            | Kind::ImmD
            | Kind::Count
            | Kind::Jump
            | Kind::JumpD => Value::NIL,
        }
    }
}
