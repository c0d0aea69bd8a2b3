//! Functions in a store: their variables, what they share, and what survives a restart.

use super::*;

/// `function(a, b) return a + b end`, as PUC Lua 5.4 dumps it without debug information, in a store.
pub(super) const PUC_ADD: &[u8] = b"\x05\x3e\0\0\0\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x08\x08\x78\x56\0\0\0\0\0\0\0\0\0\0\0\x28\x77\x40\
        \0\x80\x81\x81\x02\0\x03\x84\x22\x01\0\x01\x2e\0\x01\x06\x48\x01\x02\0\x47\x01\x01\0\x80\x80\x80\x80\x80\x80\x80";

/// Runs each program in a machine of its own over one store: what one leaves there, the next one finds.
#[track_caller]
fn check_restarts(programs: &[(&str, &str)]) -> MapStore {
    let store = MapStore::new();
    for (program, wanted) in programs {
        let mut machine = Machine::over(store.clone());
        assert_eq!(machine.run(program), Ok((*wanted).to_owned()), "{program}");
    }
    store
}

#[test]
fn a_counter_goes_on_counting() {
    let programs = [
        (
            "local n = 0 _home.c = function() n = n + 1 return n end _home.c() return _home.c()",
            "2",
        ),
        ("return _home.c()", "3"),
        ("_home.c() return _home.c()", "5"),
        ("return _home.c(), _home.c == _home.c", "6 true"),
    ];
    check(&programs);
    check_restarts(&programs);
}

#[test]
fn a_factory_makes_counters_that_do_not_share() {
    check_restarts(&[
        (
            "function _home.make() local n = 0 return function() n = n + 1 return n end end \
             _home.a = _home.make() _home.b = _home.make() _home.a() return _home.a(), _home.b()",
            "2 1",
        ),
        ("return _home.a(), _home.b(), _home.make()()", "3 2 1"),
        ("return _home.a(), _home.b()", "4 3"),
    ]);
}

#[test]
fn functions_stored_together_share_their_variables() {
    let programs = [
        (
            "local n, step = 10, 5 _home.o = {add = function() n = n + step end, get = function() return n end, \
             set = function(s) step = s end} _home.o.add() return _home.o.get()",
            "15",
        ),
        ("_home.o.set(100) _home.o.add() return _home.o.get()", "115"),
        ("_home.o.add() return _home.o.get()", "215"),
    ];
    check(&programs);
    check_restarts(&programs);
}

#[test]
fn what_is_stored_is_a_copy() {
    check(&[
        (
            "N = 0 local n = 0 F = function() n = n + 1 return n end _home.f = F F() F() return _home.f(), F()",
            "1 3",
        ),
        ("return _home.f(), F()", "2 4"),
        // A function that was read is the stored one, wherever it is kept meanwhile.
        ("G = _home.f return G()", "3"),
        (
            "return G(), _home.f(), G == _home.f or G ~= _home.f",
            "4 5 true",
        ),
        ("_home.g = _home.f return _home.g(), _home.f()", "6 7"),
    ]);
}

#[test]
fn recursion_and_functions_that_call_each_other() {
    check_restarts(&[
        (
            "local function fact(n) return n < 2 and 1 or n * fact(n - 1) end _home.fact = fact return _home.fact(10)",
            "3628800",
        ),
        ("return _home.fact(5)", "120"),
        (
            "local odd local function even(n) if n == 0 then return true end return odd(n - 1) end \
             function odd(n) if n == 0 then return false end return even(n - 1) end _home.even = even return _home.even(10)",
            "true",
        ),
        ("return _home.even(7), _home.even(8)", "false true"),
        (
            "local f = function() return 0 end for i = 1, 2000 do local g = f f = function() return 1 + (g and 0 or g()) end end _home.chain = f",
            "",
        ),
        ("return _home.chain()", "1"),
    ]);
}

#[test]
fn variables_of_all_kinds_come_back() {
    check_restarts(&[
        (
            "local s, i, f, b, e, t, p, lib, h, z = 'str', 7, 2.0, true, nil, {1, 2, x = {y = 3}}, print, string, _home, math.floor \
             _home.f = function() return s, i, f, b, e, t[2], t.x.y, p == print, lib == string, h == _home, z(2.5) end \
             return _home.f()",
            "str 7 2.0 true nil 2 3 true true true 2",
        ),
        (
            "return _home.f()",
            "str 7 2.0 true nil 2 3 true true true 2",
        ),
        (
            "local list = {} _home.add = function(x) list[#list + 1] = x return #list end return _home.add('a'), _home.add('b')",
            "1 2",
        ),
        ("return _home.add('c')", "3"),
        // A table that a function gets later is stored when the host leaves the machine.
        (
            "local v _home.put = function(x) local old = v v = x return old and old.name end _home.put({name = 'n1'})",
            "",
        ),
        ("return _home.put({name = 'n2'})", "n1"),
        ("return _home.put(nil)", "n2"),
        ("return _home.put(1)", "nil"),
    ]);
}

#[test]
fn the_globals_are_those_of_the_reader() {
    check_restarts(&[
        (
            "x = 1 local k = 2 _home.f = function(v) k = v or k return x, k, _ENV == _G end return _home.f()",
            "1 2 true",
        ),
        ("x = 'other' return _home.f(5)", "other 5 true"),
        ("return _home.f()", "nil 5 true"),
    ]);
}

#[test]
fn messages_name_file_and_line() {
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    let program = "local n = 0\n_home.f = function()\n  n = n + 1\n  error('from f')\nend";
    assert_eq!(machine.run(program), Ok(String::new()));
    let mut machine = Machine::over(store.clone());
    assert_eq!(
        machine.run("return select(2, pcall(_home.f))"),
        Ok("test:4: from f".to_owned())
    );
    // The text of a program is not kept, only the name that messages show.
    let long = format!(
        "local t = {{}} -- {}\n_home.g = function() return t.x.y end",
        "long ".repeat(200)
    );
    crate::begin(&mut machine.vm);
    let vm = &mut machine.vm;
    assert!(
        vm.load_bytes(long.as_bytes(), long.as_bytes(), b"t")
            .unwrap()
    );
    vm.call(0, Some(0)).unwrap();
    let record = store.tables()[&1][&b"g"[..]].clone();
    assert!(record.len() < 400, "{}", record.len());
    let message = machine.run("return select(2, pcall(_home.g))").unwrap();
    assert!(
        message.starts_with("[string \"local t = {} -- long "),
        "{message}"
    );
    assert!(
        message.ends_with("...\"]:2: attempt to index a nil value (field 'x')"),
        "{message}"
    );
}

#[test]
fn what_cannot_be_stored_in_a_function_is_named() {
    check_error(
        "local co = coroutine.create(print) _home.f = function() return co end",
        "test:1: cannot store a coroutine (at _home.f, variable 'co')",
    );
    check_error(
        "local t = {a = {io.stdout}} _home.m = {run = function() return t end}",
        "test:1: cannot store a FILE* (at _home.m.run, variable 't'.a[1])",
    );
    // A variable that gets such a value later: the error comes when the host leaves, once, and only that is lost.
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    let program = "local v, n = 1, 1 _home.f = function(x) v = x or v n = n + 1 return v, n end";
    assert_eq!(machine.run(program), Ok(String::new()));
    crate::begin(&mut machine.vm);
    machine
        .run_inside("_home.f(coroutine.create(print))")
        .unwrap();
    assert!(crate::finish(&mut machine.vm).is_err());
    machine.vm.take_error();
    let top = machine.vm.top().below(1);
    assert_eq!(
        machine.vm.bytes(top).unwrap(),
        b"cannot store a coroutine (at a variable of a stored function)"
    );
    machine.vm.set_top(machine.base).unwrap();
    assert!(crate::finish(&mut machine.vm).is_ok());
    let mut machine = Machine::over(store);
    assert_eq!(machine.run("return _home.f()"), Ok("1 3".to_owned()));
}

#[test]
fn a_failed_assignment_of_functions_leaves_nothing_behind() {
    let store = check(&[
        (
            "local n, bad = 0, io.stdout return pcall(function() _home.t = {f = function() n = n + 1 return bad end} end)",
            "false test:1: cannot store a FILE* (at _home.t.f, variable 'bad')",
        ),
        ("return #_home, ext.table().__ext_table_id", "0 3"),
    ]);
    assert!(store.tables().is_empty());
}

#[test]
fn records_from_elsewhere_are_refused_or_read_safely() {
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    machine
        .run("local n = 0 _home.f = function() n = n + 1 return n end")
        .unwrap();
    let record = store.tables()[&1][&b"f"[..]].clone();
    for at in 0..record.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut damaged = record.clone();
            damaged[at] ^= change;
            store.put(1, b"f", &damaged);
            machine.vm.set_fuel(Some(100_000));
            let _ = machine.run("local f = _home.f if f then pcall(f) end");
            machine.vm.set_fuel(None);
        }
        store.put(1, b"f", &record[..at]);
        let _ = machine.run("return _home.f");
    }
    store.put(1, b"f", &record);
    assert_eq!(machine.run("return 1"), Ok("1".to_owned()));
    // Another version of the instructions: an error that names the entry, and the others can be read.
    let mut other = record.clone();
    other[38] ^= 1;
    store.put(1, b"f", &other);
    store.put(1, b"k", &[1, 1]);
    assert_eq!(
        machine.run("return _home.f"),
        Err(
            "test:1: cannot read _home.f: stored function: bad binary format (version mismatch)"
                .to_owned()
        )
    );
    assert_eq!(machine.run("return _home.k"), Ok("true".to_owned()));
}

#[test]
fn dropped_functions_take_their_changes_to_the_store() {
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    machine
        .run("local n = 0 _home.f = function(x) n = x or n return n end")
        .unwrap();
    // The function is garbage when the host leaves; what it has changed is not.
    machine.run("F = _home.f").unwrap();
    machine
        .run("F({deep = 'kept'}) F = nil collectgarbage() collectgarbage()")
        .unwrap();
    let mut machine = Machine::over(store);
    assert_eq!(machine.run("return _home.f().deep"), Ok("kept".to_owned()));
}

#[test]
fn functions_of_the_original_are_read() {
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    let chunk = PUC_ADD;
    store.put(1, b"add", chunk);
    assert_eq!(machine.run("return _home.add(2, 3)"), Ok("5".to_owned()));
    // Stored again it is one of ours.
    assert_eq!(
        machine.run("_home.again = _home.add return _home.again(3, 4)"),
        Ok("7".to_owned())
    );
    // One that cannot be translated is an error that names the entry; what is no chunk at all is nil.
    let mut damaged = chunk.to_vec();
    damaged[45] = 0x7f;
    store.put(1, b"bad", &damaged);
    let message = machine.run("return _home.bad").unwrap_err();
    assert!(
        message.starts_with("test:1: cannot read _home.bad: "),
        "{message}"
    );
    store.put(1, b"none", b"\x05\x08\0\0\0\x1bLuaS\0\0\0");
    assert_eq!(
        machine.run("return _home.none, _home.add(1, 1)"),
        Ok("nil 2".to_owned())
    );
}
