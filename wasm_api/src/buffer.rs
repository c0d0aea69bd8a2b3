//! The 64 KB that host and module share, at a fixed address.
//!
//! The host writes here between calls of exports, and inside the imports that the module calls. So the bytes are
//! seen only inside [`with`], and nothing that [`with`] is given calls the host.

use std::cell::RefCell;

use crate::response::BUFFER_SIZE;

#[repr(align(16))]
struct Bytes([u8; BUFFER_SIZE]);

/// The bytes; the cell keeps two views of them from being made at once.
struct Buffer(RefCell<Bytes>);

// SAFETY: wasm32-unknown-unknown has no threads, so nothing is ever shared between any.
unsafe impl Sync for Buffer {}

static BUFFER: Buffer = Buffer(RefCell::new(Bytes([0; BUFFER_SIZE])));

/// Where the buffer begins: constant, a multiple of 16.
pub fn address() -> *mut u8 {
    BUFFER.0.as_ptr().cast()
}

/// Shows the bytes to `act`; `None` if they are being shown already.
pub fn with<R>(act: impl FnOnce(&mut [u8; BUFFER_SIZE]) -> R) -> Option<R> {
    let mut bytes = BUFFER.0.try_borrow_mut().ok()?;
    Some(act(&mut bytes.0))
}
