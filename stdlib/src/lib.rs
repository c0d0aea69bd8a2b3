//! The standard library of cu, over the machine's public face.
//!
//! Each library is a list of [`Native`]s; [`CORE`] and [`SYSTEM`] are the lists of lists, and the only place that names
//! them all. The library holds no Lua value in a Rust variable, keeps no state of its own (what a function must
//! remember lies in slots, upvalues or the machine), does no IO except through the host, and allocates
//! byte buffers only through the machine, which counts them.

#![forbid(unsafe_code)]

pub mod answer;
pub mod args;
pub mod base;
pub mod bigint;
pub mod coroutine;
pub mod debug;
pub mod io;
pub mod math;
pub mod memory_fs;
pub mod os;
pub mod package;
pub mod string;
pub mod table;
pub mod utf8;

use cu_vm::{Native, Slot, Thrown, Vm};

/// One library: a global table of functions.
#[derive(Debug)]
pub struct Library {
    /// Its global name.
    pub name: &'static str,
    /// Its functions.
    pub natives: &'static [Native],
    /// Adds what is not a function to the library's table, which is on top of the stack.
    finish: fn(&mut Vm, Slot) -> Result<(), Thrown>,
}

/// The libraries that need nothing from the world but a place to print to.
pub static CORE: [Library; 5] = [
    Library {
        name: "coroutine",
        natives: &coroutine::NATIVES,
        finish: nothing_more,
    },
    Library {
        name: "math",
        natives: &math::NATIVES,
        finish: math::open_constants,
    },
    Library {
        name: "string",
        natives: &string::NATIVES,
        finish: string::open_metatable,
    },
    Library {
        name: "table",
        natives: &table::NATIVES,
        finish: nothing_more,
    },
    Library {
        name: "utf8",
        natives: &utf8::NATIVES,
        finish: utf8::open_constants,
    },
];

/// The libraries of files, processes, clocks and of the machine itself.
pub static SYSTEM: [Library; 4] = [
    Library {
        name: "debug",
        natives: &debug::NATIVES,
        finish: nothing_more,
    },
    Library {
        name: "io",
        natives: &io::NATIVES,
        finish: io::open_files,
    },
    Library {
        name: "os",
        natives: &os::NATIVES,
        finish: nothing_more,
    },
    Library {
        name: "package",
        natives: &package::NATIVES,
        finish: package::open_package,
    },
];

/// Natives that are in no list: iterators, what `coroutine.wrap` makes, and `require`, which is a closure.
pub static UNNAMED: [&Native; 8] = [
    &base::NEXT,
    &base::IPAIRS_ITERATOR,
    &coroutine::WRAPPED,
    &io::lines::ITERATOR,
    &package::REQUIRE,
    &string::find::GMATCH_ITERATOR,
    &utf8::LAX_ITERATOR,
    &utf8::STRICT_ITERATOR,
];

/// Opens all libraries.
pub fn open(vm: &mut Vm) -> Result<(), Thrown> {
    open_core(vm)?;
    open_libraries(vm, &SYSTEM)?;
    #[cfg(feature = "bigint")]
    bigint::open_preload::<bigint::Num>(vm)?;
    Ok(())
}

/// Opens the base functions and the libraries of [`CORE`].
pub fn open_core(vm: &mut Vm) -> Result<(), Thrown> {
    open_base(vm)?;
    open_libraries(vm, &CORE)
}

/// Opens one library, after [`open_base`].
pub fn open_library(vm: &mut Vm, library: &'static Library) -> Result<(), Thrown> {
    open_libraries(vm, std::slice::from_ref(library))
}

/// Opens the base functions: sets the global functions, `_G` and `_VERSION`, and makes
/// the registry's `_LOADED`.
pub fn open_base(vm: &mut Vm) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    let loaded = vm.top();
    vm.raw_get_name(registry, b"_LOADED")?;
    if vm.is_none_or_nil(loaded) {
        vm.pop(1);
        vm.push_table(0, 16)?;
        vm.raw_set_name(registry, b"_LOADED", loaded)?;
    }
    let globals = vm.top();
    vm.push_globals()?;
    let value = vm.top();
    for native in base::NATIVES.iter().chain([&base::NEXT]) {
        vm.push_native(native)?;
        vm.raw_set_name(globals, native.name.as_bytes(), value)?;
        vm.pop(1);
    }
    vm.raw_set_name(globals, b"_G", globals)?;
    vm.raw_set_name(loaded, b"_G", globals)?;
    vm.push_bytes(b"Lua 5.4")?;
    vm.raw_set_name(globals, b"_VERSION", value)?;
    vm.set_top(registry)
}

/// Makes the tables of these libraries, as globals and in the registry's `_LOADED`.
fn open_libraries(vm: &mut Vm, libraries: &'static [Library]) -> Result<(), Thrown> {
    let registry = vm.top();
    vm.push_registry()?;
    let loaded = vm.top();
    vm.raw_get_name(registry, b"_LOADED")?;
    let globals = vm.top();
    vm.push_globals()?;
    let value = vm.top();
    for library in libraries {
        vm.push_library(library.natives)?;
        (library.finish)(vm, value)?;
        vm.raw_set_name(globals, library.name.as_bytes(), value)?;
        vm.raw_set_name(loaded, library.name.as_bytes(), value)?;
        vm.pop(1);
    }
    vm.set_top(registry)
}

/// The functions of `bigint`, which is no global library.
#[cfg(feature = "bigint")]
static BIGINT: &[Native] = &bigint::NATIVES;
#[cfg(not(feature = "bigint"))]
static BIGINT: &[Native] = &[];

/// The native with this full name, which is how saved state refers to it.
pub fn find(name: &str) -> Option<&'static Native> {
    let libraries = CORE.iter().chain(&SYSTEM).map(|library| library.natives);
    let lists = libraries.chain([
        &base::NATIVES[..],
        &io::file::METHODS[..],
        &io::file::METAMETHODS[..],
        &package::SEARCHERS[..],
        &string::METAMETHODS[..],
        BIGINT,
    ]);
    lists
        .flatten()
        .chain(UNNAMED)
        .find(|native| native.name == name)
}

fn nothing_more(_: &mut Vm, _: Slot) -> Result<(), Thrown> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_functions_carry_their_library() {
        let mut names = Vec::new();
        for library in CORE.iter().chain(&SYSTEM) {
            for native in library.natives {
                assert!(
                    native
                        .name
                        .strip_prefix(library.name)
                        .is_some_and(|rest| rest.starts_with('.'))
                );
                names.push(native.name);
            }
        }
        names.extend(
            base::NATIVES
                .iter()
                .chain(&string::METAMETHODS)
                .chain(&io::file::METHODS)
                .chain(&io::file::METAMETHODS)
                .chain(&package::SEARCHERS)
                .chain(BIGINT)
                .map(|n| n.name),
        );
        names.extend(UNNAMED.iter().map(|n| n.name));
        for name in &names {
            assert_eq!(find(name).map(|n| n.name), Some(*name));
        }
        let n = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), n);
    }
}
