//! The part of the machine's public face that the debug library stands on: levels, locals, upvalues, hooks.
//!
//! As in `api.rs`, values are named by slots of the running thread. A [`Level`] names an active function of a thread;
//! it is an index that is checked again at each use, so an outdated one finds another function or none, never
//! invalid memory.

use crate::Vm;
use crate::debug;
use crate::heap::object::*;
use crate::interp::{call, hook};
use crate::meta::Type;
use crate::native::{Slot, Thrown};
use crate::table;
use crate::thread::frame_flag;
use crate::value::{Value, tag};

/// An active function of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(u32);

/// What is known about a function wherever it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFacts {
    /// Chunk name, with its first character.
    pub source: Vec<u8>,
    /// Chunk name as messages show it.
    pub short_src: Vec<u8>,
    /// "Lua", "C" or "main".
    pub what: &'static str,
    /// Line where it begins, -1 if it is native.
    pub line_defined: i64,
    /// Line where it ends, -1 if it is native.
    pub last_line_defined: i64,
    /// Number of upvalues.
    pub n_upvals: u8,
    /// Number of fixed parameters.
    pub n_params: u8,
    /// Whether it takes any number of arguments.
    pub is_vararg: bool,
}

/// Events that a hook is called for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HookEvents {
    /// Calls.
    pub call: bool,
    /// Returns.
    pub ret: bool,
    /// New lines.
    pub line: bool,
    /// Every so many instructions; 0 for never.
    pub count: u32,
}

impl Vm {
    /// The thread in `slot`, or the running one if there is none.
    fn thread_of(&self, slot: Slot) -> *mut Thread {
        let v = self.value_at(slot);
        if v.tag == tag::THREAD {
            v.as_thread()
        } else {
            self.th
        }
    }

    fn frame_of(&self, thread: Slot, level: Level) -> Option<(*mut Thread, *mut Frame)> {
        let th = self.thread_of(thread);
        // SAFETY: a live thread; frames 1 to the running one are in use.
        unsafe {
            let last = (*th).frame.offset_from((*th).frames);
            let index = level.0 as isize;
            (index >= 1 && index <= last).then(|| (th, (*th).frames.offset(index)))
        }
    }

    /// The active function `n` calls below the running one (which is 0) of the thread in `thread`.
    pub fn level(&self, thread: Slot, n: i64) -> Option<Level> {
        let th = self.thread_of(thread);
        let n = u32::try_from(n).ok()?;
        // SAFETY: a live thread.
        unsafe { debug::frame_at(th, n).map(|frame| Level(frame.offset_from((*th).frames) as u32)) }
    }

    /// Pushes the function of a level.
    pub fn push_level_function(&mut self, thread: Slot, level: Level) -> Result<(), Thrown> {
        // SAFETY: the function of a frame in use is just below its base.
        let v = self
            .frame_of(thread, level)
            .map_or(Value::NIL, |(_, frame)| unsafe { *(*frame).base.sub(1) });
        self.push(v)
    }

    /// Line that a level is at, if it is a Lua function with line information.
    pub fn level_line(&self, thread: Slot, level: Level) -> Option<u32> {
        let (_, frame) = self.frame_of(thread, level)?;
        // SAFETY: a frame in use.
        unsafe {
            if (*frame).closure.is_null() {
                None
            } else {
                (*frame).current_line()
            }
        }
    }

    /// What kind of name the function of a level was called by, and the name.
    pub fn level_name(&self, thread: Slot, level: Level) -> Option<(&'static [u8], Vec<u8>)> {
        let (th, frame) = self.frame_of(thread, level)?;
        // SAFETY: a frame in use.
        unsafe { self.call_name(th, frame) }
    }

    /// Whether a level was entered by a tail call.
    pub fn level_is_tail_call(&self, thread: Slot, level: Level) -> bool {
        // SAFETY: a frame in use.
        self.frame_of(thread, level)
            .is_some_and(|(_, frame)| unsafe { (*frame).flags & frame_flag::TAIL != 0 })
    }

    /// In a call or return hook: number of the first value that is passed to or from the hooked function (a level)
    /// and how many there are; otherwise zeros.
    pub fn level_transfer(&self, thread: Slot, level: Level) -> (u32, u32) {
        let th = self.thread_of(thread);
        // SAFETY: a live thread.
        unsafe {
            if (*th).in_hook && (*th).hook_frame == level.0 && (*th).n_transfer != 0 {
                ((*th).first_transfer, (*th).n_transfer)
            } else {
                (0, 0)
            }
        }
    }

    /// What is known about the function in `f`; about a native if it is none.
    pub fn function_facts(&self, f: Slot) -> FunctionFacts {
        let v = self.value_at(f);
        // SAFETY: a live function.
        unsafe {
            if v.tag != tag::CLOSURE {
                let n = if v.tag == tag::NATIVE_CLOSURE {
                    (*v.as_native_closure()).n_upvals
                } else {
                    0
                };
                return FunctionFacts {
                    source: b"=[C]".to_vec(),
                    short_src: b"[C]".to_vec(),
                    what: "C",
                    line_defined: -1,
                    last_line_defined: -1,
                    n_upvals: n as u8,
                    n_params: 0,
                    is_vararg: true,
                };
            }
            let p = (*v.as_closure()).proto;
            let source = Str::bytes((*p).source);
            FunctionFacts {
                source: source.to_vec(),
                short_src: debug::short_source(p),
                what: if (*p).line_defined == 0 {
                    "main"
                } else {
                    "Lua"
                },
                line_defined: (*p).line_defined as i64,
                last_line_defined: (*p).last_line_defined as i64,
                n_upvals: (*p).n_upvals,
                n_params: (*p).n_params,
                is_vararg: (*p).is_vararg,
            }
        }
    }

    /// Pushes a table whose keys are the lines of the Lua function in `f` that have code; nil for a native.
    pub fn push_active_lines(&mut self, f: Slot) -> Result<(), Thrown> {
        let v = self.value_at(f);
        if v.tag != tag::CLOSURE {
            return self.push(Value::NIL);
        }
        self.push_table(0, 0)?;
        let lines = Slot(self.top().0 - 1);
        self.push(Value::TRUE)?;
        let yes = Slot(self.top().0 - 1);
        let p = unsafe {
            // SAFETY: the function is in its slot, so its prototype is alive.
            (*v.as_closure()).proto
        };
        // The first instruction of a vararg function belongs to no line.
        // SAFETY: as above.
        let mut at = unsafe { (*p).is_vararg } as usize;
        // SAFETY: as above; the list of lines never changes.
        let line_at = |at: usize| unsafe {
            let lines = Proto::lines(p);
            lines.get(at).copied()
        };
        while let Some(line) = line_at(at) {
            self.raw_set_int(lines, line as i64, yes)?;
            at += 1;
        }
        self.pop(1);
        Ok(())
    }

    // ---- local variables ------------------------------------------------------------------------------

    /// Name of the `n`-th (from 1) parameter of the Lua function in `f`.
    pub fn parameter_name(&self, f: Slot, n: i64) -> Option<Vec<u8>> {
        let v = self.value_at(f);
        if v.tag != tag::CLOSURE {
            return None;
        }
        let n = usize::try_from(n).ok()?.checked_sub(1)?;
        // SAFETY: a live function.
        unsafe { debug::local_name((*v.as_closure()).proto, n, 0) }
    }

    /// Name and address of the `n`-th (from 1; negative for extra arguments) variable of a level.
    fn local(&self, thread: Slot, level: Level, n: i64) -> Option<(Vec<u8>, *mut Value)> {
        let (th, frame) = self.frame_of(thread, level)?;
        // SAFETY: a frame in use; what is found lies below the next frame's function or the top.
        unsafe {
            let is_lua = !(*frame).closure.is_null();
            let base = (*frame).base;
            if n < 0 {
                let n = usize::try_from(n.checked_neg()?).ok()?;
                if !is_lua
                    || !(*(*(*frame).closure).proto).is_vararg
                    || (*frame).pc == (*(*(*frame).closure).proto).code
                {
                    return None;
                }
                let extra = (*frame).n_args as usize;
                return (n <= extra)
                    .then(|| (b"(vararg)".to_vec(), base.sub(1 + extra).add(n - 1)));
            }
            let index = usize::try_from(n).ok()?.checked_sub(1)?;
            if is_lua
                && let Some(name) =
                    debug::local_name((*(*frame).closure).proto, index, (*frame).current_pc())
            {
                return Some((name, base.add(index)));
            }
            let limit = if frame == (*th).frame {
                (*th).top
            } else {
                call::function_slot(frame.add(1))
            };
            let room = limit.offset_from(base);
            if room <= 0 || index >= room as usize {
                return None;
            }
            let name: &[u8] = if is_lua {
                b"(temporary)"
            } else {
                b"(C temporary)"
            };
            Some((name.to_vec(), base.add(index)))
        }
    }

    /// Pushes the `n`-th variable of a level and tells its name; pushes nothing if there is none.
    pub fn push_local(
        &mut self,
        thread: Slot,
        level: Level,
        n: i64,
    ) -> Result<Option<Vec<u8>>, Thrown> {
        match self.local(thread, level, n) {
            Some((name, at)) => {
                // SAFETY: a slot in use.
                self.push(unsafe { *at })?;
                Ok(Some(name))
            }
            None => Ok(None),
        }
    }

    /// `n`-th variable of a level := the value in `value`; its name.
    pub fn set_local(
        &mut self,
        thread: Slot,
        level: Level,
        n: i64,
        value: Slot,
    ) -> Option<Vec<u8>> {
        let v = self.value_at(value);
        let (name, at) = self.local(thread, level, n)?;
        // SAFETY: a slot in use. Stacks need no barrier, and the machine relies on no types of registers.
        unsafe { *at = v };
        Some(name)
    }

    // ---- upvalues -------------------------------------------------------------------------------------

    /// Pushes the `n`-th (from 1) upvalue of the function in `f` and tells its name; pushes nothing if there is none.
    pub fn push_upvalue_of(&mut self, f: Slot, n: i64) -> Result<Option<Vec<u8>>, Thrown> {
        match self.upvalue_of(f, n) {
            Some((name, at, _)) => {
                // SAFETY: a live upvalue.
                self.push(unsafe { *at })?;
                Ok(Some(name))
            }
            None => Ok(None),
        }
    }

    /// `n`-th upvalue of the function in `f` := the value in `value`; its name.
    pub fn set_upvalue_of(&mut self, f: Slot, n: i64, value: Slot) -> Option<Vec<u8>> {
        let v = self.value_at(value);
        let (name, at, owner) = self.upvalue_of(f, n)?;
        // SAFETY: a live upvalue and its owner.
        unsafe {
            *at = v;
            self.heap.barrier_forward(owner, v);
        }
        Some(name)
    }

    /// Name and address of an upvalue, and the object that holds it.
    fn upvalue_of(&self, f: Slot, n: i64) -> Option<(Vec<u8>, *mut Value, *mut Header)> {
        let v = self.value_at(f);
        let index = usize::try_from(n).ok()?.checked_sub(1)?;
        // SAFETY: a live function.
        unsafe {
            if v.tag == tag::NATIVE_CLOSURE {
                let c = v.as_native_closure();
                return (index < (*c).n_upvals as usize)
                    .then(|| (Vec::new(), NativeClosure::upval(c, index), c.cast()));
            }
            let upval = *self.upval_cell(v, index)?;
            let desc = Proto::upvals((*v.as_closure()).proto).get(index)?;
            let name = match Str::bytes(desc.name) {
                [] => b"(no name)",
                name => name,
            };
            Some((name.to_vec(), (*upval).v, upval.cast()))
        }
    }

    /// Where a Lua closure keeps its upvalue.
    fn upval_cell(&self, v: Value, index: usize) -> Option<*mut *mut Upval> {
        if v.tag != tag::CLOSURE {
            return None;
        }
        // SAFETY: a live closure.
        unsafe {
            let c = v.as_closure();
            (index < (*c).n_upvals as usize).then(|| Closure::upval(c, index))
        }
    }

    /// Pushes a light userdata that identifies an upvalue: true; or nothing: false.
    pub fn push_upvalue_id(&mut self, f: Slot, n: i64) -> Result<bool, Thrown> {
        const OF_NATIVES: u64 = 1 << 40;
        let v = self.value_at(f);
        let Some((_, _, owner)) = self.upvalue_of(f, n) else {
            return Ok(false);
        };
        // SAFETY: a live object. The identity is that of the variable, or of the native and the number.
        let id = unsafe {
            if (*owner).id == 0 {
                (*owner).id = self.heap.fresh_id();
            }
            (*owner).id as u64
        };
        let id = if v.tag == tag::NATIVE_CLOSURE {
            OF_NATIVES + id * 256 + n as u64
        } else {
            id
        };
        self.push(Value::new(tag::LIGHT, 0x1000_0000 + id * 16))?;
        Ok(true)
    }

    /// Whether the function in `f` is a Lua function with an `n`-th upvalue.
    pub fn has_lua_upvalue(&self, f: Slot, n: i64) -> bool {
        let index = usize::try_from(n).ok().and_then(|n| n.checked_sub(1));
        index.is_some_and(|index| self.upval_cell(self.value_at(f), index).is_some())
    }

    /// Lets the `n`-th upvalue of the Lua function in `f` be the `m`-th one of that in `g`; nothing if one is not there.
    pub fn join_upvalues(&mut self, f: Slot, n: i64, g: Slot, m: i64) {
        let cell = |vm: &Vm, f: Slot, n: i64| {
            let index = usize::try_from(n).ok()?.checked_sub(1)?;
            vm.upval_cell(vm.value_at(f), index)
        };
        let (Some(to), Some(from)) = (cell(self, f, n), cell(self, g, m)) else {
            return;
        };
        let owner = self.value_at(f).as_header();
        // SAFETY: live closures; the barrier sees the variable as a reference like any other.
        unsafe {
            *to = *from;
            self.heap
                .barrier_forward(owner, Value::new(tag::UPVAL, *to as usize as u64));
        }
    }

    // ---- user values ----------------------------------------------------------------------------------

    fn user_value(&self, u: Slot, n: i64) -> Option<*mut Value> {
        let v = self.value_at(u);
        if v.type_of() != Type::Userdata || v.tag != tag::USERDATA {
            return None;
        }
        let index = usize::try_from(n).ok()?.checked_sub(1)?;
        // SAFETY: a live userdata.
        unsafe {
            let u = v.as_userdata();
            (index < (*u).n_values as usize).then(|| Userdata::user_value(u, index))
        }
    }

    /// Pushes the `n`-th (from 1) user value of the full userdata in `u`: true; or nothing: false.
    pub fn push_user_value(&mut self, u: Slot, n: i64) -> Result<bool, Thrown> {
        match self.user_value(u, n) {
            // SAFETY: a live userdata.
            Some(at) => self.push(unsafe { *at }).map(|()| true),
            None => Ok(false),
        }
    }

    /// `n`-th user value of the full userdata in `u` := the value in `value`; false if there is none.
    pub fn set_user_value(&mut self, u: Slot, n: i64, value: Slot) -> bool {
        let (owner, v) = (self.value_at(u), self.value_at(value));
        let Some(at) = self.user_value(u, n) else {
            return false;
        };
        // SAFETY: a live userdata.
        unsafe {
            *at = v;
            self.heap.barrier_forward(owner.as_header(), v);
        }
        true
    }

    // ---- hooks ----------------------------------------------------------------------------------------

    /// Sets the hook of a thread: the function in `f` for these events. A native that calls this
    /// returns [`Outcome::hooked_results`](crate::Outcome::hooked_results).
    pub fn set_hook(&mut self, thread: Slot, f: Slot, events: HookEvents) -> Result<(), Thrown> {
        let th = self.thread_of(thread);
        let start = self.top();
        self.push_hook_table()?;
        let v = self.value_at(f);
        let mut mask = 0;
        if v.is_function() {
            let wanted = [
                (events.call, hook::event::CALL),
                (events.ret, hook::event::RETURN),
                (events.line, hook::event::LINE),
                (events.count != 0, hook::event::COUNT),
            ];
            mask = wanted
                .iter()
                .filter(|(is, _)| *is)
                .map(|(_, bit)| bit)
                .sum();
        }
        self.push(Value::thread(th))?;
        self.push(if mask != 0 { v } else { Value::NIL })?;
        self.raw_set(start, start.offset(1), start.offset(2))?;
        self.set_top(start)?;
        // SAFETY: a live thread; frames 1 to the running one are in use.
        unsafe {
            (*th).hook_mask = mask;
            (*th).hook_count = events.count;
            (*th).hook_left = events.count;
            // Functions that run already have no call event any more.
            let mut frame = (*th).frame;
            while frame > (*th).frames {
                if !(*frame).closure.is_null() {
                    (*frame).flags |= frame_flag::ENTERED;
                }
                frame = frame.sub(1);
            }
            hook::update_trap(th);
        }
        self.end_slice();
        Ok(())
    }

    /// The hook of a thread: pushes its function, or nil, and tells its events.
    pub fn push_hook(&mut self, thread: Slot) -> Result<HookEvents, Thrown> {
        let th = self.thread_of(thread);
        // SAFETY: a live thread.
        let (mask, count) = unsafe { ((*th).hook_mask, (*th).hook_count) };
        let start = self.top();
        if mask == 0 {
            self.push(Value::NIL)?;
            return Ok(HookEvents::default());
        }
        self.push_hook_table()?;
        let hooks = self.value_at(start).as_table();
        // SAFETY: the table was just pushed; the thread is alive.
        let v = unsafe { table::get(&mut self.heap, hooks, Value::thread(th)) };
        self.set_top(start)?;
        self.push(v)?;
        Ok(HookEvents {
            call: mask & hook::event::CALL != 0,
            ret: mask & hook::event::RETURN != 0,
            line: mask & hook::event::LINE != 0,
            count: if mask & hook::event::COUNT != 0 {
                count
            } else {
                0
            },
        })
    }

    /// Pushes the table of the registry that holds the hooks, made if it is not there.
    fn push_hook_table(&mut self) -> Result<(), Thrown> {
        let start = self.top();
        self.push_registry()?;
        let hooks = start.offset(1);
        self.raw_get_name(start, hook::HOOK_TABLE)?;
        if self.type_of(hooks) != Type::Table {
            self.pop(1);
            self.push_table(0, 2)?;
            // It is its own metatable, as in PUC Lua.
            self.push_bytes(b"k")?;
            self.raw_set_name(hooks, b"__mode", hooks.offset(1))?;
            self.pop(1);
            self.set_metatable(hooks, hooks)?;
            self.raw_set_name(start, hook::HOOK_TABLE, hooks)?;
        }
        self.remove(start);
        Ok(())
    }
}
