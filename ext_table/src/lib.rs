//! External tables: this crate will hold tables whose entries live in a store of the host.
//!
//! There is nothing here yet. It will know a `Store` trait (get, set, delete, size, keys) and the
//! encoding of values, and not which store it is.

#![forbid(unsafe_code)]
