//! `package` and `require`.
//!
//! `require` asks for every call it needs with an [`Outcome`], so searchers and modules may yield. What it must
//! remember between calls lies in the slots of its frame ([`Frame`]). Finding files by templates is in
//! `package/search.rs`. There are no C libraries: what would load one says so.

mod search;

use cu_vm::{Args, Native, NativeResult, Outcome, Slot, Thrown, Type, Vm};

use crate::answer::c_string;
use crate::args::{self, append, append_slot, base, build, bytes, copy_out};
use crate::base::load::load_file;

/// The functions of `package`.
pub static NATIVES: [Native; 2] = [
    Native {
        name: "package.loadlib",
        call: loadlib,
    },
    Native {
        name: "package.searchpath",
        call: search::searchpath,
    },
];

/// `require`, whose upvalue is the package table: a program may replace the global, not what `require` uses.
pub static REQUIRE: Native = Native {
    name: "require",
    call: require,
};

/// The elements of `package.searchers`; their upvalue is the package table, too.
pub static SEARCHERS: [Native; 4] = [
    Native {
        name: "package.searchers.preload",
        call: search_preload,
    },
    Native {
        name: "package.searchers.lua",
        call: search_lua,
    },
    Native {
        name: "package.searchers.c",
        call: search_c,
    },
    Native {
        name: "package.searchers.c_root",
        call: search_c_root,
    },
];

/// The first lines of `package.config`: directory separator, template separator, mark, executable's directory, and
/// what ends a name for C.
const CONFIG: &[u8] = b"/\n;\n?\n!\n-\n";

/// Where modules are looked for unless the environment says otherwise.
const DEFAULT_PATH: &[u8] = b"/usr/local/share/lua/5.4/?.lua;/usr/local/share/lua/5.4/?/init.lua;\
/usr/local/lib/lua/5.4/?.lua;/usr/local/lib/lua/5.4/?/init.lua;./?.lua;./?/init.lua";
const DEFAULT_CPATH: &[u8] =
    b"/usr/local/lib/lua/5.4/?.so;/usr/local/lib/lua/5.4/loadall.so;./?.so";

const NO_LIBRARIES: &[u8] = b"dynamic libraries not enabled; check your Lua installation";

/// Fills the package table and sets the global `require`.
pub fn open_package(vm: &mut Vm, package: Slot) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    let value = vm.top();
    vm.push_table(4, 0)?;
    for (i, searcher) in (1..).zip(&SEARCHERS) {
        vm.push_slot(package)?;
        vm.push_native_closure(searcher, 1)?;
        vm.raw_set_int(value, i, value.offset(1))?;
        vm.pop(1);
    }
    vm.raw_set_name(package, b"searchers", value)?;
    vm.pop(1);
    for path in &PATHS {
        push_path(vm, registry, path)?;
        vm.raw_set_name(package, path.field, value)?;
        vm.pop(1);
    }
    vm.push_bytes(CONFIG)?;
    vm.raw_set_name(package, b"config", value)?;
    vm.pop(1);
    vm.raw_get_name(registry, b"_LOADED")?;
    vm.raw_set_name(package, b"loaded", value)?;
    vm.pop(1);
    vm.raw_get_name(registry, b"_PRELOAD")?;
    if vm.is_none_or_nil(value) {
        vm.pop(1);
        vm.push_table(0, 0)?;
        vm.raw_set_name(registry, b"_PRELOAD", value)?;
    }
    vm.raw_set_name(package, b"preload", value)?;
    vm.pop(1);
    vm.push_globals()?;
    vm.push_slot(package)?;
    vm.push_native_closure(&REQUIRE, 1)?;
    vm.raw_set_name(value, b"require", value.offset(1))?;
    vm.set_top(registry)
}

/// A field of `package` that says where to search.
struct SearchPath {
    field: &'static [u8],
    /// The variables of the environment that may say it, the first one first.
    variables: [&'static [u8]; 2],
    default: &'static [u8],
}

static PATHS: [SearchPath; 2] = [
    SearchPath {
        field: b"path",
        variables: [b"LUA_PATH_5_4", b"LUA_PATH"],
        default: DEFAULT_PATH,
    },
    SearchPath {
        field: b"cpath",
        variables: [b"LUA_CPATH_5_4", b"LUA_CPATH"],
        default: DEFAULT_CPATH,
    },
];

/// Pushes what the environment says about a path, with the default in place of `;;`.
fn push_path(vm: &mut Vm, registry: Slot, path: &SearchPath) -> Result<(), Thrown> {
    let ignored = vm.top();
    vm.raw_get_name(registry, b"LUA_NOENV")?;
    let ignore_environment = vm.truthy(ignored);
    vm.pop(1);
    let [versioned, name] = path.variables;
    let said = if ignore_environment {
        None
    } else {
        let host = vm.host();
        host.variable(versioned).or_else(|| host.variable(name))
    };
    match said {
        None => vm.push_bytes(path.default),
        Some(said) => vm.push_bytes(&search::with_default(&said, path.default)),
    }
}

/// `package.loadlib(path, funcname)`
fn loadlib(vm: &mut Vm, args: Args) -> NativeResult {
    args::string(vm, args, 0)?;
    args::string(vm, args, 1)?;
    vm.push_nil()?;
    vm.push_bytes(NO_LIBRARIES)?;
    vm.push_bytes(b"absent")?;
    Ok(Outcome::results(3))
}

const SEARCHED: u32 = 1;
const LOADED: u32 = 2;

/// The slots of `require`.
struct Frame {
    name: Slot,
    loaded: Slot,
    searchers: Slot,
    /// What the searchers said so far.
    message: Slot,
    /// Number of the next searcher.
    next: Slot,
    /// Where a searcher is called; then the loader.
    loader: Slot,
    /// The second result of the searcher.
    data: Slot,
    /// Where the loader is called; then its result.
    result: Slot,
}

impl Frame {
    fn at(base: Slot) -> Frame {
        Frame {
            name: base,
            loaded: base.offset(1),
            searchers: base.offset(2),
            message: base.offset(3),
            next: base.offset(4),
            loader: base.offset(5),
            data: base.offset(6),
            result: base.offset(7),
        }
    }
}

/// `require(modname)`
fn require(vm: &mut Vm, args: Args) -> NativeResult {
    let frame = Frame::at(base(args));
    match args.state() {
        SEARCHED => return take_searched(vm, &frame),
        LOADED => return finish(vm, &frame),
        _ => {}
    }
    args::string(vm, args, 0)?;
    vm.set_top(frame.loaded)?;
    push_registry_field(vm, b"_LOADED")?;
    let found = vm.top();
    vm.get(frame.loaded, frame.name)?;
    if vm.truthy(found) {
        return Ok(Outcome::results(1));
    }
    vm.set_top(frame.searchers)?;
    let package = vm.top();
    vm.push_upvalue(args, 0)?;
    vm.get_name(package, b"searchers")?;
    vm.remove(package);
    if vm.type_of(frame.searchers) != Type::Table {
        return Err(vm.error(&[b"'package.searchers' must be a table"]));
    }
    vm.push_bytes(b"")?;
    vm.push_int(1)?;
    call_searcher(vm, &frame)
}

fn call_searcher(vm: &mut Vm, frame: &Frame) -> NativeResult {
    vm.set_top(frame.loader)?;
    let i = vm.to_integer(frame.next).unwrap_or(1);
    vm.set_int(frame.next, i.wrapping_add(1));
    vm.raw_get_int(frame.searchers, i)?;
    if vm.is_none_or_nil(frame.loader) {
        let name = copy_out(vm, frame.name)?;
        let message = copy_out(vm, frame.message)?;
        let thrown = vm.error(&[b"module '", &name, b"' not found:", &message]);
        vm.drop_buffer(name);
        vm.drop_buffer(message);
        return Err(thrown);
    }
    vm.push_slot(frame.name)?;
    Ok(Outcome::call(1, SEARCHED))
}

/// A searcher has answered: a loader and its data, or a message, or neither.
fn take_searched(vm: &mut Vm, frame: &Frame) -> NativeResult {
    vm.set_top(frame.result)?;
    match vm.type_of(frame.loader) {
        Type::Function => {
            vm.push_slot(frame.loader)?;
            vm.push_slot(frame.name)?;
            vm.push_slot(frame.data)?;
            return Ok(Outcome::call(2, LOADED));
        }
        Type::String | Type::Number => {
            vm.coerce_to_string(frame.loader)?;
            let joined = vm.top();
            build(vm, |vm, buffer| {
                append_slot(vm, buffer, frame.message)?;
                append(vm, buffer, b"\n\t")?;
                append_slot(vm, buffer, frame.loader)
            })?;
            vm.copy(joined, frame.message);
        }
        _ => {}
    }
    call_searcher(vm, frame)
}

/// The module has run: its value goes to `package.loaded`, and true where there is none.
fn finish(vm: &mut Vm, frame: &Frame) -> NativeResult {
    let value = frame.result.offset(1);
    vm.set_top(value)?;
    if !vm.is_none_or_nil(frame.result) {
        vm.set(frame.loaded, frame.name, frame.result)?;
    }
    vm.get(frame.loaded, frame.name)?;
    if vm.is_none_or_nil(value) {
        vm.pop(1);
        vm.push_bool(true)?;
        vm.set(frame.loaded, frame.name, value)?;
    }
    vm.push_slot(frame.data)?;
    Ok(Outcome::results(2))
}

fn push_registry_field(vm: &mut Vm, name: &[u8]) -> Result<(), Thrown> {
    let field = vm.top();
    vm.push_registry()?;
    vm.raw_get_name(field, name)?;
    vm.remove(field);
    Ok(())
}

/// The first searcher: `package.preload`.
fn search_preload(vm: &mut Vm, args: Args) -> NativeResult {
    let name = args::string(vm, args, 0)?;
    let preload = vm.top();
    push_registry_field(vm, b"_PRELOAD")?;
    vm.get(preload, name)?;
    if vm.is_none_or_nil(preload.offset(1)) {
        build(vm, |vm, buffer| {
            append(vm, buffer, b"no field package.preload['")?;
            append_slot(vm, buffer, name)?;
            append(vm, buffer, b"']")
        })?;
        return Ok(Outcome::results(1));
    }
    vm.push_bytes(b":preload:")?;
    Ok(Outcome::results(2))
}

/// Looks for a module along a path of the package table: the file's name, or the message pushed.
fn find_file(
    vm: &mut Vm,
    args: Args,
    name: &[u8],
    field: &[u8],
) -> Result<Option<Vec<u8>>, Thrown> {
    let package = vm.top();
    vm.push_upvalue(args, 0)?;
    vm.get_name(package, field)?;
    let path = package.offset(1);
    if !vm.coerce_to_string(path)? {
        return Err(vm.error(&[b"'package.", field, b"' must be a string"]));
    }
    let path = bytes(vm, path).to_vec();
    let found = search::search(vm, name, &path, b".", b"/")?;
    vm.set_top(package)?;
    match found {
        Ok(file) => Ok(Some(file)),
        Err(message) => {
            vm.push_buffer(message)?;
            Ok(None)
        }
    }
}

/// The second searcher: Lua files.
fn search_lua(vm: &mut Vm, args: Args) -> NativeResult {
    let name = c_string(vm, args, 0)?;
    let Some(file) = find_file(vm, args, &name, b"path")? else {
        return Ok(Outcome::results(1));
    };
    let result = vm.top();
    if load_file(vm, Some(&file), b"bt")? {
        vm.push_bytes(&file)?;
        return Ok(Outcome::results(2));
    }
    let message = copy_out(vm, result)?;
    Err(loading_failed(vm, &name, &file, &message))
}

#[cold]
fn loading_failed(vm: &mut Vm, name: &[u8], file: &[u8], message: &[u8]) -> Thrown {
    vm.error(&[
        b"error loading module '",
        name,
        b"' from file '",
        file,
        b"':\n\t",
        message,
    ])
}

/// The third searcher: C libraries, which can be found but not loaded.
fn search_c(vm: &mut Vm, args: Args) -> NativeResult {
    let name = c_string(vm, args, 0)?;
    match find_file(vm, args, &name, b"cpath")? {
        None => Ok(Outcome::results(1)),
        Some(file) => Err(loading_failed(vm, &name, &file, NO_LIBRARIES)),
    }
}

/// The fourth searcher: C libraries that hold several modules.
fn search_c_root(vm: &mut Vm, args: Args) -> NativeResult {
    let name = c_string(vm, args, 0)?;
    let Some(dot) = memchr::memchr(b'.', &name) else {
        return Ok(Outcome::results(0));
    };
    let root = name.get(..dot).unwrap_or_default();
    match find_file(vm, args, root, b"cpath")? {
        None => Ok(Outcome::results(1)),
        Some(file) => Err(loading_failed(vm, &name, &file, NO_LIBRARIES)),
    }
}
