//! Coroutines.

use super::*;
use crate::interp::coroutine;

impl Vm {
    /// Whether the running coroutine can yield here.
    pub fn is_yieldable(&self) -> bool {
        // SAFETY: the running thread.
        unsafe {
            self.th != self.main
                && coroutine::can_yield(self.th)
                && !coroutine::is_host_entry(self.th)
        }
    }

    /// Whether [`Outcome::suspend`] can suspend the running coroutine and all that lead to it.
    pub fn can_suspend(&self) -> bool {
        // SAFETY: the running thread.
        unsafe { coroutine::host_entry(self).is_some() }
    }

    /// Pushes a new suspended coroutine whose body is the function in `f`.
    pub fn push_new_thread(&mut self, f: Slot) -> Result<(), Thrown> {
        self.gc_check(2048);
        let body = self.value_at(f);
        let th = self.heap.new_thread();
        let th = self.memory(th)?;
        // SAFETY: a thread just made, with room on its stack.
        unsafe {
            *Thread::slot(th, 1) = body;
            (*th).top = Thread::slot(th, 2);
            // The events of its creator, though a hook has to be set to see them.
            (*th).hook_mask = (*self.th).hook_mask;
            (*th).hook_count = (*self.th).hook_count;
            (*th).hook_left = (*self.th).hook_count;
            crate::interp::hook::update_trap(th);
        }
        self.push(Value::thread(th))
    }

    /// Status of the coroutine in `slot` as seen from the running one (`Dead` when it is no thread).
    pub fn thread_status(&self, slot: Slot) -> ThreadStatus {
        let v = self.value_at(slot);
        if v.tag != tag::THREAD {
            return ThreadStatus::Dead;
        }
        let th = v.as_thread();
        // SAFETY: a live thread.
        match unsafe { (*th).status } {
            _ if th == self.th => ThreadStatus::Running,
            Status::Suspended => ThreadStatus::Suspended,
            Status::Running | Status::Normal | Status::Waiting => ThreadStatus::Normal,
            Status::Finished | Status::Failed => ThreadStatus::Dead,
        }
    }

    /// Pushes the running coroutine; true when it is the main thread.
    pub fn push_running_thread(&mut self) -> Result<bool, Thrown> {
        self.push(Value::thread(self.th))?;
        // SAFETY: the running thread.
        Ok(self.th == self.main || unsafe { coroutine::is_host_entry(self.th) })
    }

    /// Whether the coroutine in `slot` could yield where it stands.
    pub fn thread_is_yieldable(&self, slot: Slot) -> bool {
        let v = self.value_at(slot);
        // SAFETY: a live thread.
        v.tag == tag::THREAD
            && v.as_thread() != self.main
            && unsafe { coroutine::can_yield(v.as_thread()) }
    }
}
