//! Where the machines are: JavaScript names them by numbers, and may name one while it is running.
//!
//! What it is not: it knows nothing of what is done with a machine.
//!
//! A native function that calls JavaScript has `&mut Vm`, and what it calls may come back and ask for the same
//! machine. So while JavaScript runs, the machine is *lent*: its address, made from the native's own reference, lies
//! in the table, and the native does not touch it. At any time at most one reference is in use:
//!
//! ```text
//!   Idle --with--> Busy --lend--> Lent --with--> Busy --lend--> ...
//!   Idle <-------- Busy <-------- Lent <-------- Busy <-------- ...
//! ```

use std::cell::RefCell;
use std::ptr::NonNull;

use cu_vm::Vm;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Free,
    /// Nothing of it runs.
    Idle(NonNull<Vm>),
    /// It waits for JavaScript, which may use it meanwhile.
    Lent(NonNull<Vm>),
    /// Somebody holds the reference.
    Busy,
}

thread_local! {
    static MACHINES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

fn exchange(id: u32, with: impl FnOnce(Place) -> Place) -> Place {
    MACHINES.with(|machines| {
        let mut machines = machines.borrow_mut();
        match machines.get_mut(id as usize) {
            Some(place) => {
                let old = *place;
                *place = with(old);
                old
            }
            None => Place::Free,
        }
    })
}

/// Takes in a machine and numbers it.
pub fn add(vm: Box<Vm>) -> Option<u32> {
    MACHINES.with(|machines| {
        let mut machines = machines.borrow_mut();
        let place = Place::Idle(NonNull::from(Box::leak(vm)));
        let free = machines.iter().position(|place| *place == Place::Free);
        match free.and_then(|i| machines.get_mut(i).map(|p| (i, p))) {
            Some((i, free)) => {
                *free = place;
                u32::try_from(i).ok()
            }
            None => {
                machines.push(place);
                u32::try_from(machines.len() - 1).ok()
            }
        }
    })
}

/// Whether nothing of the machine runs.
pub fn is_idle(id: u32) -> bool {
    matches!(exchange(id, |place| place), Place::Idle(_))
}

/// Lets `act` use a machine; `None` if there is none of this number, or if it is not waiting for JavaScript.
pub fn with<R>(id: u32, act: impl FnOnce(&mut Vm) -> R) -> Option<R> {
    let place = exchange(id, |place| match place {
        Place::Free => Place::Free,
        _ => Place::Busy,
    });
    let (Place::Idle(mut vm) | Place::Lent(mut vm)) = place else {
        return None;
    };
    // SAFETY: the address is that of a leaked box (`add`) or comes from a reference that its holder does not use
    // while it is lent (`lend`); the table says `Busy` until `act` is done, so nobody else makes another reference.
    let result = act(unsafe { vm.as_mut() });
    exchange(id, |_| place);
    Some(result)
}

/// Runs `act`, during which others may use the machine.
pub fn lend<R>(vm: &mut Vm, id: u32, act: impl FnOnce() -> R) -> R {
    let lent = NonNull::from(vm);
    let before = exchange(id, |_| Place::Lent(lent));
    let result = act();
    exchange(id, |_| before);
    result
}

/// Takes out a machine of which nothing runs.
pub fn remove(id: u32) -> Option<Box<Vm>> {
    let place = exchange(id, |place| match place {
        Place::Idle(_) => Place::Free,
        other => other,
    });
    let Place::Idle(vm) = place else {
        return None;
    };
    // SAFETY: the address of a box that `add` leaked; the table does not name it any more.
    Some(unsafe { Box::from_raw(vm.as_ptr()) })
}
