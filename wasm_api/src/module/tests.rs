//! The module as its host uses it.

use std::collections::HashMap;

use cu_ext_table::StoreResult;

use super::*;

/// A store in memory.
#[derive(Default)]
struct Maps(HashMap<u32, HashMap<Vec<u8>, Vec<u8>>>);

impl Store for Maps {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        let found = self.0.get(&table).and_then(|entries| entries.get(key));
        value.extend_from_slice(found.map(Vec::as_slice).unwrap_or_default());
        Ok(found.is_some())
    }
    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        let entries = self.0.entry(table).or_default();
        entries.insert(key.to_vec(), value.to_vec());
        Ok(())
    }
    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()> {
        self.0.entry(table).or_default().remove(key);
        Ok(())
    }
    fn size(&mut self, table: u32) -> StoreResult<u32> {
        Ok(self.0.get(&table).map_or(0, |entries| entries.len() as u32))
    }
    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        let entries = self.0.get(&table);
        entries
            .into_iter()
            .flat_map(HashMap::keys)
            .for_each(|key| each(key));
        Ok(entries.is_some())
    }
}

const ROOM: Room = Room {
    lua: 4 << 20,
    whole: 6 << 20,
};

fn store() -> Box<dyn Store> {
    Box::new(Maps::default())
}

fn init(mut module: Module, room: Room) -> (Module, Box<[u8; BUFFER_SIZE]>) {
    module.init(room, Edge::default(), store).unwrap();
    (module, Box::new([0; BUFFER_SIZE]))
}

fn module() -> (Module, Box<[u8; BUFFER_SIZE]>) {
    init(Module::new(), ROOM)
}

fn prebuilt() -> Module {
    let mut module = Module::new();
    module.prebuild(ROOM, Edge::default(), store());
    module
}

/// All steps of a call.
fn compute(m: &mut Module, b: &mut [u8; BUFFER_SIZE], address: usize, len: usize) -> i32 {
    match m.prepare(b, address, len as u32) {
        Ok(chunk) => {
            m.run(&chunk);
            m.respond(b)
        }
        Err(told) => told,
    }
}

/// What the response to `source` holds after the length of the output, or the error message.
fn run(module: &mut Module, buffer: &mut [u8; BUFFER_SIZE], source: &str) -> String {
    buffer[..source.len()].copy_from_slice(source.as_bytes());
    let told = compute(module, buffer, 0, source.len());
    let response = if told < 0 {
        &buffer[..usize::try_from(-told - 1).unwrap()]
    } else {
        let n = u32::from_le_bytes(buffer[..4].try_into().unwrap()) as usize;
        &buffer[4..4 + n]
    };
    String::from_utf8_lossy(response).into_owned()
}

#[cfg(feature = "bigint")]
#[test]
fn big_integers_are_there_and_can_be_stored() {
    let (mut m, mut b) = module();
    run(&mut m, &mut b, "_home.n = require 'bigint'.new(2) ^ 100");
    let shown = run(&mut m, &mut b, "print(_home.n * _home.n)");
    assert_eq!(
        shown,
        format!(
            "{}\n",
            "1606938044258990275541962092341162602522202993782792835301376"
        )
    );
}

#[test]
fn the_embedder_gives_standard_input() {
    let (mut m, mut b) = module();
    assert_eq!(run(&mut m, &mut b, "print(io.read())"), "nil\n");
    b[..9].copy_from_slice(b"one\ntwo\n3");
    assert_eq!(m.put_input(&b, 9), 0);
    let program = "print(io.read(), io.read(1)) print(io.stdin:read('L'))";
    assert_eq!(run(&mut m, &mut b, program), "one\tt\nwo\n\n");
    b[..3].copy_from_slice(b"4 5");
    assert_eq!(m.put_input(&b, 3), 0);
    assert_eq!(run(&mut m, &mut b, "print(io.read('n', 'a'))"), "34\t 5\n");
    assert_eq!(run(&mut m, &mut b, "print(io.read())"), "nil\n");
    assert_eq!(m.put_input(&b, 70_000), -1);
}

#[test]
fn standard_input_counts_as_memory_until_it_is_read() {
    let (mut m, mut b) = module();
    let fill = |m: &mut Module, b: &[u8; BUFFER_SIZE]| {
        (0..1000)
            .take_while(|_| m.put_input(b, 65_536) == 0)
            .count()
    };
    let n = fill(&mut m, &b);
    assert!((10..300).contains(&n), "{n}");
    let program =
        "local n = 0 repeat local s = io.read(1000) n = n + #(s or '') until not s print(n)";
    let read = run(&mut m, &mut b, program);
    assert_eq!(read, format!("{}\n", n * 65_536));
    assert!(fill(&mut m, &b).abs_diff(n) <= n / 10);
}

#[test]
fn the_embedder_fills_and_reads_files() {
    let (mut m, mut b) = module();
    b[..15].copy_from_slice(b"lib/m.luareturn");
    assert_eq!(m.put_file(&b, 9, 15, false), 0);
    b[..12].copy_from_slice(b"lib/m.lua 42");
    assert_eq!(m.put_file(&b, 9, 12, true), 0);
    let program = "package.path = 'lib/?.lua' io.open('out', 'w'):write((require 'm')):close()";
    assert_eq!(run(&mut m, &mut b, program), "");
    b[..3].copy_from_slice(b"out");
    assert_eq!(m.get_file(&mut b, 3, 0), 2);
    assert_eq!(&b[..2], b"42");
    b[..3].copy_from_slice(b"out");
    assert_eq!(m.get_file(&mut b, 3, 2), 0);
    b[..3].copy_from_slice(b"not");
    assert_eq!(m.get_file(&mut b, 3, 0), -1);
}

#[test]
fn the_embedder_sets_the_clock() {
    let (mut m, mut b) = module();
    let program = "print(os.time(), os.clock(), os.date('%F %T %Z'))";
    let shown = run(&mut m, &mut b, program);
    assert_eq!(shown, "0\t0.0\t1970-01-01 00:00:00 UTC\n");
    m.set_time(1e12);
    m.set_time(1e12 + 1500.0);
    let shown = run(&mut m, &mut b, program);
    assert_eq!(shown, "1000000001\t1.5\t2001-09-09 01:46:41 UTC\n");
}

#[test]
fn exit_ends_the_chunk_and_not_the_machine() {
    let (mut m, mut b) = module();
    let shown = run(
        &mut m,
        &mut b,
        "print 'before' pcall(os.exit) print 'after'",
    );
    assert_eq!(shown, "before\n");
    assert_eq!(run(&mut m, &mut b, "os.exit(3)"), "exit status 3");
    assert_eq!(run(&mut m, &mut b, "print 'still here'"), "still here\n");
}

#[test]
fn files_count_against_the_memory_limit() {
    let (mut m, mut b) = module();
    let program = "local f, chunk = io.open('big', 'w'), ('x'):rep(100000) \
        local ok, message, code repeat ok, message, code = f:write(chunk) until not ok print(message, code) \
        print(pcall(string.rep, 'x', 3000000)) f:close() os.remove('big') \
        print(#string.rep('x', 1000000))";
    let shown = run(&mut m, &mut b, program);
    let wanted = "No space left on device\t28\nfalse\tnot enough memory\n1000000\n";
    assert_eq!(shown, wanted);
}

#[test]
fn sources_may_lie_in_blocks() {
    let (mut m, mut b) = module();
    let source = format!("return #'{}'", "x".repeat(100_000));
    let address = m.alloc(source.len() as u32, || 1 << 20);
    assert_ne!(address, 0);
    m.write_to_block(address, source.as_bytes());
    let n = compute(&mut m, &mut b, address, source.len());
    assert_eq!(b[..n as usize], *b"\0\0\0\0\x02\xA0\x86\x01\0\0\0\0\0");
    let told = compute(&mut m, &mut b, address, source.len() + 1);
    let wanted = b"the source goes past the end of the memory allocated for it\0";
    assert_eq!(
        (told, &b[..wanted.len()]),
        (-(wanted.len() as i32), &wanted[..])
    );
    m.free(address, source.len() as u32);
    assert_eq!(compute(&mut m, &mut b, address, source.len()), -1);
    assert_eq!(m.alloc(2 << 20, || 1 << 20), 0);
}

#[test]
fn what_does_not_fit_is_read_in_pieces() {
    let (mut m, mut b) = module();
    m.set_output_limit(1 << 20);
    run(
        &mut m,
        &mut b,
        "print(('ab'):rep(50000)) return ('cd'):rep(60000)",
    );
    assert_eq!((m.output_len(), m.result_len()), (100_001, 120_000));
    assert_eq!(m.read_output(&mut b, 65_537), 34_464);
    assert_eq!((&b[..2], b[34_463]), (&b"ba"[..], b'\n'));
    assert_eq!(m.read_result(&mut b, 65_536), 54_464);
    assert_eq!(&b[54_462..54_464], b"cd");
    assert_eq!(m.read_result(&mut b, 120_000), 0);
    run(&mut m, &mut b, "print 'kept' error(('e'):rep(70000), 0)");
    assert_eq!((m.output_len(), m.result_len()), (5, 70_000));
    run(&mut m, &mut b, "return 1");
    assert_eq!((m.output_len(), m.result_len()), (0, -1));
}

#[test]
fn kept_output_counts_against_the_memory_limit() {
    let (mut m, mut b) = module();
    m.set_output_limit(usize::MAX);
    let program = "local s = ('x'):rep(100000) for i = 1, 100 do print(s) end";
    run(&mut m, &mut b, program);
    let kept = m.output_len();
    assert!((1_000_000..4 << 20).contains(&kept), "{kept}");
    assert_eq!(
        run(&mut m, &mut b, "print(#('x'):rep(2000000))"),
        "2000000\n"
    );
}

#[test]
fn fuel_ends_a_chunk_for_all_to_see() {
    let (mut m, mut b) = module();
    m.set_fuel(10_000);
    let ended = run(&mut m, &mut b, "while true do pcall(error) end");
    assert_eq!(
        ended,
        "[string \"while true do pcall(error) end\"]:1: out of fuel"
    );
    assert_eq!(m.fuel_left(), 0);
    assert_eq!(run(&mut m, &mut b, "print(1)"), "1\n");
    assert!(
        (9_000..10_000).contains(&m.fuel_left()),
        "{}",
        m.fuel_left()
    );
    m.set_fuel(-1);
    assert_eq!(m.fuel_left(), -1);
}

#[test]
fn a_text_that_comes_again_begins_anew() {
    let (mut m, mut b) = module();
    m.set_fuel(10_000);
    let program = "local up = _ENV _ENV = {x = (x or 0) + 1} up.print(x, up.x) up.x = 7";
    assert_eq!(run(&mut m, &mut b, program), "1\tnil\n");
    let left = m.fuel_left();
    assert_eq!(run(&mut m, &mut b, program), "8\t7\n");
    assert_eq!((m.fuel_left(), left < 10_000), (left, true));
    // More texts than are kept, one that fails, one that is no Lua, and the first one again.
    for round in 0..2 {
        for n in 0..20 {
            let wanted = format!("{n}\n");
            assert_eq!(run(&mut m, &mut b, &format!("print({n})")), wanted);
        }
        let failed = "[string \"error(1 + nil)\"]:1: attempt to perform arithmetic on a nil value";
        assert_eq!(run(&mut m, &mut b, "error(1 + nil)"), failed);
        let refused = run(&mut m, &mut b, "return = 1");
        assert_eq!(
            refused,
            "[string \"return = 1\"]:1: unexpected symbol near '='"
        );
        assert_eq!(run(&mut m, &mut b, program), "8\t7\n", "{round}");
    }
}

#[test]
fn nothing_of_a_program_lives_on_in_a_text_that_is_kept() {
    let (mut m, mut b) = module();
    let program = "weak = setmetatable({_G.debug.getinfo(1, 'f').func, {}}, {__mode = 'v'}) \
        local print = print _ENV = {big = weak[2]} print(_ENV.big ~= nil)";
    for _ in 0..3 {
        assert_eq!(run(&mut m, &mut b, program), "true\n");
        run(&mut m, &mut b, "collectgarbage() collectgarbage()");
        assert_eq!(
            run(&mut m, &mut b, "print(#weak, weak[1], weak[2])"),
            "0\tnil\tnil\n"
        );
    }
}

#[test]
fn binary_chunks_can_be_forbidden() {
    let (mut m, mut b) = module();
    let program = "print(load(string.dump(function() return 7 end)))";
    assert!(run(&mut m, &mut b, program).starts_with("function"));
    m.allow_binary_chunks(false);
    let refused = "nil\tattempt to load a binary chunk (mode is 't')\n";
    assert_eq!(run(&mut m, &mut b, program), refused);
}

#[test]
fn a_machine_made_before_is_taken_if_it_is_the_one_asked_for() {
    // Whether it was taken, and what a program sees.
    let init = |prepare: fn(&mut Module), lua: usize| {
        let [mut kept, mut fresh] = [prebuilt(), Module::new()];
        assert_eq!((kept.memory_used(), kept.tables().1.is_none()), (0, true));
        let made_before = kept.prebuilt.as_ref().map(|p| p.machine.capture.clone());
        let mut seen = Vec::new();
        for module in [&mut kept, &mut fresh] {
            prepare(module);
            let (mut m, mut b) = init(std::mem::take(module), Room { lua, ..ROOM });
            let program = "local names = {} for k in pairs(_G) do names[#names + 1] = k end \
                print(math.random(0), table.concat(names, ' '), collectgarbage 'count', Memory)";
            seen.push(run(&mut m, &mut b, program));
            *module = m;
        }
        assert_eq!(seen[0], seen[1]);
        Rc::ptr_eq(
            &made_before.unwrap(),
            &kept.machine.as_ref().unwrap().capture,
        )
    };
    assert!(init(|_| (), ROOM.lua));
    assert!(init(|m| m.set_fuel(1_000_000), ROOM.lua + 1));
    assert!(!init(|_| (), ROOM.lua - 1));
    assert!(!init(|m| m.set_seed([1, 2]), ROOM.lua));
    assert!(!init(|m| m.tables().0.sync_counter(None, 5), ROOM.lua));
    assert!(!init(|m| m.tables().0.set_alias(None, false), ROOM.lua));
}

#[test]
fn an_init_without_room_leaves_the_next_one_possible() {
    let mut module = prebuilt();
    let room = Room { lua: 1000, ..ROOM };
    assert_eq!(module.init(room, Edge::default(), store), Err(NoMemory));
    module.init(ROOM, Edge::default(), store).unwrap();
    assert!(module.memory_used() > 1000);
}

#[test]
fn a_seed_is_that_of_randomseed() {
    let (mut m, mut b) = module();
    m.set_seed([1, 2]);
    let first = run(&mut m, &mut b, "print(math.random(0))");
    let program = "math.randomseed(1, 2) print(math.random(0))";
    assert_eq!(run(&mut m, &mut b, program), first);
}
