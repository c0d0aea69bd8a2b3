//! Each operation of PUC Lua is in some chunk that is run.

use std::collections::HashSet;

use cu_lexer::Meter;
use cu_vm::puc;
use cu_vm::puc::opcode::{OPCODES, Opcode};
use cu_vm::puc::reader::Function;

use super::chunks::Lua;
use super::{committed, forms, read};

/// Needs more than 131,072 constants, so that no chunk with it is small enough to be kept.
const NOT_COMMITTED: &[Opcode] = &[Opcode::LoadKx];

#[test]
fn committed_chunks_have_every_operation_but_one() {
    let mut seen = HashSet::new();
    for source in committed() {
        collect(&read(&source, "luac"), &mut seen);
    }
    assert_eq!(missing(&seen), NOT_COMMITTED);
}

#[test]
fn written_chunks_have_the_operation_that_needs_many_constants() {
    let Some(lua) = Lua::find() else { return };
    let mut seen = HashSet::new();
    for chunk in lua.dump(&forms::sources(), true).into_iter().flatten() {
        collect(&chunk, &mut seen);
    }
    assert!(NOT_COMMITTED.iter().all(|op| seen.contains(op)));
}

fn missing(seen: &HashSet<Opcode>) -> Vec<Opcode> {
    let all = OPCODES.iter().copied();
    all.filter(|op| !seen.contains(op)).collect()
}

fn collect(chunk: &[u8], seen: &mut HashSet<Opcode>) {
    let main = puc::read(chunk, &mut Meter::new(1 << 28));
    let main = main.unwrap_or_else(|e| panic!("{e}"));
    let mut pending: Vec<&Function> = vec![&main];
    while let Some(function) = pending.pop() {
        seen.extend(function.code.iter().filter_map(|word| word.op()));
        pending.extend(&function.protos);
    }
}
