//! Binary chunks.
use crate::Vm;
use crate::native::{Slot, Thrown};
use crate::proto::ProtoData;

/// Reads a binary chunk.
pub(crate) fn undump(_bytes: &[u8], _name: &[u8]) -> Result<ProtoData, &'static [u8]> {
    Err(b"bad binary format (unknown version)")
}

impl Vm {
    /// Writes a Lua function as a binary chunk; false for natives.
    pub fn dump(&mut self, _f: Slot, _strip: bool, _out: &mut Vec<u8>) -> Result<bool, Thrown> {
        Ok(false)
    }
}
