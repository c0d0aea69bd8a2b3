//! External tables: this crate will hold tables whose entries live in a store of the host.
//!
//! There is nothing here yet but the [`Store`] trait: what such a table asks of the place where its entries are.

#![forbid(unsafe_code)]

pub mod store;

pub use store::{Store, StoreError, StoreResult};
