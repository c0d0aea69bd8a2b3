//! Programs with external tables, over a store in memory.

use cu_vm::{Config, Host, HostResult, Slot, Vm};

use crate::memory::MapStore;
use crate::{BigIntegers, Options, Store, StoreResult};

mod big;
mod functions;
mod liar;

/// A host without a world.
struct Nowhere;

impl Host for Nowhere {
    fn write(&mut self, _file: cu_vm::FileId, _bytes: &[u8]) -> HostResult<()> {
        Ok(())
    }
    fn entropy(&mut self) -> [u64; 2] {
        [1, 2]
    }
}

/// A machine over a store.
pub(crate) struct Machine {
    pub vm: Vm,
    base: Slot,
}

impl Machine {
    pub fn over(store: impl Store + 'static) -> Machine {
        Machine::with(store, Config::default(), 1)
    }

    pub fn with(store: impl Store + 'static, config: Config, next_id: u32) -> Machine {
        let mut vm = Vm::new(Box::new(Nowhere), config).unwrap();
        cu_stdlib::open(&mut vm).unwrap();
        let options = Options {
            find: cu_stdlib::find,
            next_id,
            big_integers: Some(BigIntegers {
                bytes: cu_stdlib::bigint::to_bytes,
                push: cu_stdlib::bigint::push_from_bytes::<cu_stdlib::bigint::Num>,
            }),
            ..Options::default()
        };
        crate::open(&mut vm, Box::new(store), options).unwrap();
        let base = vm.top();
        Machine { vm, base }
    }

    /// Enters the machine, runs a program, leaves: its results as text side by side, or the message.
    pub fn run(&mut self, program: &str) -> Result<String, String> {
        crate::begin(&mut self.vm);
        let result = self.run_inside(program);
        self.vm.set_top(self.base).unwrap();
        crate::finish(&mut self.vm).unwrap();
        result
    }

    fn run_inside(&mut self, program: &str) -> Result<String, String> {
        let vm = &mut self.vm;
        let done = vm
            .load_bytes(program.as_bytes(), b"=test", b"t")
            .and_then(|loaded| {
                if loaded {
                    vm.call(0, None)?;
                }
                Ok(loaded)
            });
        if !matches!(done, Ok(true)) {
            if done.is_err() {
                vm.take_error();
            }
            let last = vm.top().below(1);
            let text = vm.bytes(last).unwrap_or(b"(no text)");
            return Err(String::from_utf8_lossy(text).into_owned());
        }
        let end = vm.top();
        let mut texts = Vec::new();
        let mut slot = self.base;
        while slot < end {
            vm.tostring(slot).unwrap();
            texts.push(String::from_utf8_lossy(vm.bytes(end).unwrap()).into_owned());
            vm.set_top(end).unwrap();
            slot = slot.offset(1);
        }
        Ok(texts.join(" "))
    }
}

/// Checks what programs give, one after the other in one machine over a new store, which is returned.
#[track_caller]
fn check(programs: &[(&str, &str)]) -> MapStore {
    let store = MapStore::new();
    let mut machine = Machine::over(store.clone());
    for (program, wanted) in programs {
        let given = machine.run(program);
        assert_eq!(given, Ok((*wanted).to_owned()), "{program}");
    }
    store
}

/// Checks the message of a program.
#[track_caller]
fn check_error(program: &str, wanted: &str) {
    let mut machine = Machine::over(MapStore::new());
    assert_eq!(machine.run(program), Err(wanted.to_owned()), "{program}");
    assert_eq!(machine.run("return 1"), Ok("1".to_owned()));
}

#[test]
fn scalars_come_back_as_they_were() {
    check(&[
        ("_home.a = 1 return _home.a", "1"),
        ("return _home.a, _home.b", "1 nil"),
        ("_home.f = 2.0 _home.z = -0.0 _home.i = 1/0", ""),
        (
            "return _home.f, 1/_home.z, _home.i, math.type(_home.f)",
            "2.0 -inf inf float",
        ),
        ("_home.s, _home.e, _home.no = 'x\\0y', '', false", ""),
        ("return #_home.s, #_home.e, _home.no", "3 0 false"),
        ("_home.a = nil return _home.a, #_home", "nil 6"),
    ]);
}

#[test]
fn keys_are_those_of_a_table() {
    check(&[
        (
            "local t = _home for i, k in ipairs{1, '1', 1.5, '1.5', true, 'true', '', '\\255', 'a\\0', 2^80, '__proto__', '\\1'} do t[k] = i end",
            "",
        ),
        (
            "local t, s = _home, {} for i, k in ipairs{1, '1', 1.5, '1.5', true, 'true', '', '\\255', 'a\\0', 2^80, '__proto__', '\\1'} \
             do s[i] = t[k] end return table.concat(s, ' ')",
            "1 2 3 4 5 6 7 8 9 10 11 12",
        ),
        (
            "local n = 0 for k, v in pairs(_home) do n = n + v assert(_home[k] == v) end return n",
            "78",
        ),
        (
            "_home[3.0] = 'x' return _home[3], _home[0/0], _home[{}]",
            "x nil nil",
        ),
    ]);
    // Data from before the escapes: a string reads the entry of the number it looks like.
    let store = MapStore::new();
    store.put(1, b"1", &[2, 7, 0, 0, 0, 0, 0, 0, 0]);
    let mut machine = Machine::over(store.clone());
    assert_eq!(machine.run("return _home[1], _home['1']").unwrap(), "7 7");
    assert_eq!(
        machine
            .run("_home['1'] = nil return _home[1], _home['1']")
            .unwrap(),
        "7 nil"
    );
    assert_eq!(
        machine
            .run("local n = 0 for k in pairs(_home) do n = n + 1 end return n")
            .unwrap(),
        "1"
    );
    assert_eq!(
        machine
            .run("_home['1'] = 'own' return _home[1], _home['1']")
            .unwrap(),
        "7 own"
    );
}

#[test]
fn tables_are_converted_and_keep_their_shape() {
    check(&[
        (
            "_home.t = {1, 2, 3, n = {x = 'deep'}} return #_home.t.n, _home.t.n.x, _home.t[2]",
            "1 deep 2",
        ),
        (
            "return _home.t == _home.t, rawequal(_home.t, _home.t), type(_home.t)",
            "true true table",
        ),
        ("_home.t.n.x = 'changed' return _home.t.n.x", "changed"),
        (
            "local s = {v = 1} _home.pair = {a = s, b = s} _home.pair.a.v = 9 return _home.pair.b.v",
            "9",
        ),
        (
            "local c = {name = 'c'} c.me = c _home.c = c return _home.c.me.me.name, _home.c.me == _home.c",
            "c true",
        ),
        (
            "_home.empty = {} return type(_home.empty), #_home.empty, next(_home.empty)",
            "table 0 nil",
        ),
        (
            "_home.self = _home return _home.self == _home, _home.self.__ext_table_id",
            "true 1",
        ),
    ]);
}

#[test]
fn what_cannot_be_stored_is_named_with_its_path() {
    check_error(
        "_home.jobs = {1, 2, {co = coroutine.create(print)}}",
        "test:1: cannot store a coroutine (at _home.jobs[3].co)",
    );
    check_error(
        "_home.f = io.stdout",
        "test:1: cannot store a FILE* (at _home.f)",
    );
    check_error(
        "_home.a = {[{}] = 1}",
        "test:1: cannot store a table as a key (in _home.a)",
    );
    check_error(
        "_home[print] = 1",
        "test:1: cannot store under a native function as a key (in _home)",
    );
    check_error("_home[nil] = 1", "test:1: table index is nil");
    check_error("_home[0/0] = 1", "test:1: table index is NaN");
    check_error(
        "_home.g = ('x'):gmatch('.')",
        "test:1: cannot store a native function (at _home.g)",
    );
    check_error(
        "_home.__ext_table_id = 2",
        "test:1: cannot change '__ext_table_id' of an external table",
    );
    check_error(
        "_home.x = {__ext_table_id = 1}",
        "test:1: cannot store the field '__ext_table_id' (in _home.x)",
    );
    check_error(
        "local t = {} local c = t for i = 1, 32 do c.n = {} c = c.n end _home.t = t",
        &format!(
            "test:1: cannot store tables nested deeper than 32 levels (at _home.t{})",
            ".n".repeat(32)
        ),
    );
    check(&[(
        "local t = {} local c = t for i = 1, 31 do c.n = {} c = c.n end c.leaf = 1 _home.t = t \
         local r = _home.t for i = 1, 31 do r = r.n end return r.leaf",
        "1",
    )]);
}

#[test]
fn a_failed_assignment_leaves_nothing_behind() {
    let store = check(&[
        (
            "_home.t = 'old' return pcall(function() _home.t = {1, {2, {3, io.stdout}}} end)",
            "false test:1: cannot store a FILE* (at _home.t[2][2][2])",
        ),
        ("return _home.t, ext.table().__ext_table_id", "old 3"),
    ]);
    assert_eq!(store.tables().len(), 1);
}

#[test]
fn the_table_library_works() {
    check(&[
        (
            "T = ext.table() table.insert(T, 'a') table.insert(T, 'c') table.insert(T, 2, 'b') return table.concat(T, '+')",
            "a+b+c",
        ),
        (
            "return table.remove(T, 1), table.remove(T), #T, table.unpack(T)",
            "a c 1 b",
        ),
        (
            "T[2] = 'x' T[3] = 'm' table.sort(T) return table.concat(T, ','), #table.pack(table.unpack(T))",
            "b,m,x 3",
        ),
        (
            "table.move({1, 2, 3}, 1, 3, 2, T) return table.concat(T, ','), #T",
            "b,1,2,3 4",
        ),
        (
            "local s = '' for i, v in ipairs(T) do s = s .. i .. v end return s",
            "1b213243",
        ),
        ("T.name = 'n' T[1] = nil return #T == 4 or #T == 0", "true"),
    ]);
}

#[test]
fn raw_access_reaches_the_store() {
    check(&[
        (
            "rawset(_home, 'raw', 1) return _home.raw, rawget(_home, 'raw'), rawlen(_home)",
            "1 1 1",
        ),
        (
            "local n = 0 for k, v in next, _home do n = n + v end return n, next(_home)",
            "1 raw 1",
        ),
        (
            "_home.b = 2 local k = next(_home) local l = next(_home, k) return next(_home, l), k < l",
            "nil true",
        ),
        (
            "local out = {} for k, v in pairs(_home) do out[#out + 1] = k _home[k .. k] = 0 _home[k] = nil end return #out",
            "2",
        ),
        ("return #_home", "2"),
    ]);
}

#[test]
fn a_proxy_cannot_be_forged_or_aimed_elsewhere() {
    check(&[
        (
            "return pcall(rawset, _home, '__ext_table_id', 2)",
            "false cannot change '__ext_table_id' of an external table",
        ),
        (
            "return pcall(setmetatable, _home, {})",
            "false cannot change a protected metatable",
        ),
        (
            "return pcall(debug.setmetatable, _home, {})",
            "false cannot change the metatable of an external table",
        ),
        (
            "return pcall(debug.setmetatable, _home, nil)",
            "false cannot change the metatable of an external table",
        ),
        ("return getmetatable(_home)", "external table"),
        (
            "local m = debug.getmetatable(_home) for k in pairs(m) do m[k] = nil end m.__index = {x = 'no'} m.__newindex = {} \
             m.__mode = 'kv' m.__len = function() return 99 end _home.y = 5 return _home.x, _home.y, #_home",
            "nil 5 1",
        ),
        (
            "collectgarbage() for i = 1, 100 do rawset(_home, i, i) end collectgarbage() return #_home, _home[50]",
            "100 50",
        ),
        (
            "return rawget(_home, '__ext_table_id'), next({}, nil)",
            "1 nil",
        ),
        (
            "local t = setmetatable({}, {__index = _home, __newindex = _home}) t.z = 3 return t.z, rawget(t, 'z'), _home.z",
            "3 nil 3",
        ),
        (
            "local t = setmetatable({}, _home) return getmetatable(t) == _home, t.a",
            "true nil",
        ),
        ("local id = {__ext_table_id = 1} return id.y, #id", "nil 0"),
    ]);
}

#[test]
fn functions_that_use_globals_are_stored() {
    let store = check(&[
        (
            "function _home.fib(n) if n < 2 then return n end return _home.fib(n - 1) + _home.fib(n - 2) end return _home.fib(15)",
            "610",
        ),
        (
            "_home.t = {f = function(a) return a + 1 end, p = print, s = string.format} return _home.t.f(1)",
            "2",
        ),
        ("return _home.t.p == print, _home.t.s('%d', 3)", "true 3"),
        (
            "_home.pack = string.pack return _home.pack == string.pack",
            "true",
        ),
    ]);
    let mut machine = Machine::over(store);
    assert_eq!(
        machine
            .run("return _home.fib(10), _home.pack('b', 65)")
            .unwrap(),
        "55 A"
    );
}

#[test]
fn a_restarted_machine_finds_everything() {
    let store = check(&[("_home.t = {list = {'a', 'b'}, empty = {}}", "")]);
    let mut machine = Machine::over(store.clone());
    // Numbers in use are not given out again, even for tables nobody has read yet.
    assert_eq!(
        machine
            .run("local n = ext.table() n.x = 1 return n.__ext_table_id")
            .unwrap(),
        "6"
    );
    assert_eq!(
        machine
            .run("return #_home.t.list, type(_home.t.empty)")
            .unwrap(),
        "2 table"
    );
    assert_eq!(store.tables().len(), 5);
}

/// A store that lists keys as lines of a text.
struct Lines(MapStore);

impl Store for Lines {
    fn get(&mut self, table: u32, key: &[u8], value: &mut Vec<u8>) -> StoreResult<bool> {
        self.0.get(table, key, value)
    }
    fn set(&mut self, table: u32, key: &[u8], value: &[u8]) -> StoreResult<()> {
        self.0.set(table, key, value)
    }
    fn delete(&mut self, table: u32, key: &[u8]) -> StoreResult<()> {
        self.0.delete(table, key)
    }
    fn size(&mut self, table: u32) -> StoreResult<u32> {
        self.0.size(table)
    }
    fn keys(&mut self, table: u32, each: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        self.0.keys(table, &mut |key| {
            for piece in key.split(|&byte| byte == b'\n') {
                each(piece);
            }
        })
    }
}

#[test]
fn keys_with_line_feeds_are_listed_by_any_store() {
    let mut machine = Machine::over(Lines(MapStore::new()));
    let program = "local keys = {'x', 'y', 'x\\ny', 'a\\nb\\nc', 'b', '\\n', 'end\\n', 'z'} \
        for i, k in ipairs(keys) do _home[k] = i end \
        local sum, n = 0, 0 for k, v in pairs(_home) do assert(keys[v] == k) n = n + 1 sum = sum + v end return n, sum";
    assert_eq!(machine.run(program), Ok("8 36".to_owned()));
}

/// One step on the table `t`, as a program: its result goes to the list `out`.
fn step() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let key = prop_oneof![
        (1..6i64).prop_map(|i| i.to_string()),
        "[ab]".prop_map(|s| format!("'{s}'")),
        Just("'01'".to_owned()),
        Just("2.0".to_owned()),
        Just("1.5".to_owned()),
        Just("true".to_owned()),
        Just("''".to_owned()),
        Just("'x\\n1'".to_owned()),
        Just("-0.0".to_owned()),
    ];
    let value = prop_oneof![
        Just("nil".to_owned()),
        (0..9i64).prop_map(|i| i.to_string()),
        Just("2.0".to_owned()),
        Just("'v'".to_owned()),
        Just("false".to_owned()),
        Just("{10, 20, k = {x = 1}}".to_owned()),
    ];
    prop_oneof![
        (key.clone(), value.clone()).prop_map(|(k, v)| format!("t[{k}] = {v}")),
        (key.clone(), value).prop_map(|(k, v)| format!("rawset(t, {k}, {v})")),
        key.clone().prop_map(|k| format!("add(t[{k}])")),
        key.clone().prop_map(|k| format!("add(rawget(t, {k}))")),
        key.clone()
            .prop_map(|k| format!("if type(t[{k}]) == 'table' then t[{k}][2] = t[{k}][1] add(t[{k}].k.x, t[{k}][2]) end")),
        key.prop_map(|k| format!("t[{k}] = t[{k}]")),
        Just("local n = 0 for k, v in pairs(t) do n = n + 1 t[k] = v end add(n)".to_owned()),
        Just("local n = 0 for k in next, t do n = n + #tostring(k) t[k] = nil end add(n, next(t))".to_owned()),
        Just("for i, v in ipairs(t) do add(i, v) end".to_owned()),
        Just("fresh() for i = 1, 5 do table.insert(t, 6 - i) end table.sort(t) add(table.remove(t, 2), #t, table.unpack(t))".to_owned()),
        Just("fresh() table.insert(t, 'a') table.insert(t, 1, 'b') add(#t, table.concat(t, '-'), rawlen(t))".to_owned()),
        Just("collectgarbage()".to_owned()),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// The same steps on a plain table and on an external one give the same results. (The string "1" is not among the
    /// keys: it reads what old data has under that text.)
    #[test]
    fn an_external_table_is_a_table(steps in proptest::collection::vec(step(), 1..40)) {
        let program = |fresh: &str| {
            format!(
                "local t, out = nil, {{}} local function fresh() t = {fresh} end \
                 local function add(...) for i = 1, select('#', ...) do local v = select(i, ...) \
                 out[#out + 1] = type(v) == 'table' and 'table' or tostring(v) end end fresh()\n{}\n\
                 return table.concat(out, ' ')",
                steps.join("\n")
            )
        };
        let mut machine = Machine::over(MapStore::new());
        let plain = machine.run(&program("{}"));
        let external = machine.run(&program("ext.table()"));
        proptest::prop_assert_eq!(plain, external);
    }
}

/// A host without tables: it knows all of them, and none has entries.
struct Stub;

impl Store for Stub {
    fn get(&mut self, _: u32, _: &[u8], _: &mut Vec<u8>) -> StoreResult<bool> {
        Ok(false)
    }
    fn set(&mut self, _: u32, _: &[u8], _: &[u8]) -> StoreResult<()> {
        Ok(())
    }
    fn delete(&mut self, _: u32, _: &[u8]) -> StoreResult<()> {
        Ok(())
    }
    fn size(&mut self, _: u32) -> StoreResult<u32> {
        Ok(0)
    }
    fn keys(&mut self, _: u32, _: &mut dyn FnMut(&[u8])) -> StoreResult<bool> {
        Ok(true)
    }
}

#[test]
fn a_host_with_stubs_gets_numbers_too() {
    let mut machine = Machine::over(Stub);
    let program = "_home.t = {} return ext.table().__ext_table_id, ext.table().__ext_table_id";
    assert_eq!(machine.run(program), Ok("4 5".to_owned()));
}

#[test]
fn tables_that_nothing_refers_to_are_removed_when_asked_for() {
    let store = check(&[
        (
            "_home.a = {1, {2}} _home.b = {x = {y = {}}} local n, t = 0, {'kept'} \
             _home.f = function() n = n + 1 return t[1], n end return ext.collect()",
            "0",
        ),
        ("_home.a = nil return ext.collect(), _home.f()", "2 kept 1"),
        (
            "_home.c = _home.b.x _home.b = nil return ext.collect(), type(_home.c.y)",
            "1 table",
        ),
        (
            "KEPT = _home.c _home.c = nil return ext.collect(), type(KEPT.y)",
            "0 table",
        ),
        // A table without entries has nothing to be removed.
        ("KEPT = nil return ext.collect(), _home.f()", "1 kept 2"),
        (
            "G = _home.f _home.f = nil return ext.collect(), G()",
            "0 kept 3",
        ),
        (
            "G = nil collectgarbage() return ext.collect(), #_home",
            "2 0",
        ),
    ]);
    assert!(store.tables().values().all(|entries| entries.is_empty()));
}
