//! The programs: which, of which version, with which sum, and how their tests are run.
//!
//! Sources and packages are those of Debian 12. What upstream released is in the source package, tests included; the
//! package that is installed has none.

/// One program or library.
pub struct Program {
    /// Its name, by which it can be asked for.
    pub name: &'static str,
    /// Upstream's version.
    pub version: &'static str,
    /// The source package.
    pub source: Package,
    /// How its tests are run.
    pub runs: Runs,
}

/// One file of Debian's.
pub struct Package {
    /// The package, as `apt-get` names it.
    pub name: &'static str,
    /// Debian's version.
    pub version: &'static str,
    /// What the file is called.
    pub file: &'static str,
    /// Its SHA-256.
    pub sum: &'static str,
}

/// How tests are run.
pub enum Runs {
    /// A script with arguments; lines of its output that begin with `sign` are tests.
    Script {
        words: &'static [&'static str],
        sign: &'static str,
    },
    /// busted, once for each spec in a folder.
    Busted {
        specs: &'static str,
        options: &'static [&'static str],
        /// Specs that start processes, which the module has none of.
        not_in_module: &'static [&'static str],
    },
}

const fn package(
    name: &'static str,
    version: &'static str,
    file: &'static str,
    sum: &'static str,
) -> Package {
    Package {
        name,
        version,
        file,
        sum,
    }
}

const fn spec(specs: &'static str) -> Runs {
    Runs::Busted {
        specs,
        options: &[],
        not_in_module: &[],
    }
}

/// The programs, in the order in which they run.
pub static PROGRAMS: [Program; 10] = [
    Program {
        name: "luaunit",
        version: "3.4",
        source: package(
            "lua-unit",
            "3.4-2",
            "lua-unit_3.4.orig.tar.gz",
            "b8aea5826f09749d149efa8ef1b13f81e6a9fc6abfbe4c1cbf87a558a6d4e8d0",
        ),
        runs: Runs::Script {
            words: &["run_unit_tests.lua", "-o", "tap"],
            sign: "ok ",
        },
    },
    Program {
        name: "coxpcall",
        version: "1.17.0",
        source: package(
            "lua-coxpcall",
            "1.17.0-1",
            "lua-coxpcall_1.17.0.orig.tar.gz",
            "6044f70fcc01f50cae3a191cba13c252dcf9e6f169502e3d9c4a151934c46be0",
        ),
        runs: Runs::Script {
            words: &["tests/test.lua"],
            sign: "OK",
        },
    },
    Program {
        name: "inspect",
        version: "3.1.1",
        source: package(
            "lua-inspect",
            "3.1.1-2",
            "lua-inspect_3.1.1.orig.tar.gz",
            "0292f4960ef0ccb2c7334911981b280f9016c57a29c90c5ff5d3823621f6e0db",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "argparse",
        version: "0.7.1",
        source: package(
            "lua-argparse",
            "0.7.1-2",
            "lua-argparse_0.7.1.orig.tar.gz",
            "d344e49404c3e7b3e7fa4fe6741c106f25909d9b24923cb08dcceda1f9754809",
        ),
        runs: Runs::Busted {
            specs: "spec",
            options: &[],
            not_in_module: &["completion_spec.lua", "integrity_spec.lua"],
        },
    },
    Program {
        name: "luassert",
        version: "1.9.0",
        source: package(
            "lua-luassert",
            "1.9.0-1",
            "lua-luassert_1.9.0.orig.tar.gz",
            "1db0fabf1bd87392860375b89a8a37d17b687325c988be0df8c42e7e96e7ed73",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "say",
        version: "1.4.1",
        source: package(
            "lua-say",
            "1.4.1-2",
            "lua-say_1.4.1.orig.tar.gz",
            "ce07547ca49ef42cc799e2a30b3c65ce77039978e32e7961799a252d61a56486",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "mediator",
        version: "1.1.2",
        source: package(
            "lua-mediator",
            "1.1.2-0-8",
            "lua-mediator_1.1.2-0.orig.tar.gz",
            "faf5859fd2081be4e9e4fb8873a2dc65f7eff3fd93d6dd14da65f8e123fcff9b",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "binaryheap",
        version: "0.4",
        source: package(
            "lua-binaryheap",
            "0.4-2",
            "lua-binaryheap_0.4.orig.tar.gz",
            "10b1b6c6f2d22560f512f9896a6672ec5ae0eea1390ff8e662be1d5d9625b438",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "fifo",
        version: "0.2",
        source: package(
            "lua-fifo",
            "0.2-3.1",
            "lua-fifo_0.2.orig.tar.gz",
            "85cad0c2f9eac1cd3e08c5134feb655e0b928e1e22363c3ef3293a194c0eb53f",
        ),
        runs: spec("spec"),
    },
    Program {
        name: "ansicolors",
        version: "1.0.2",
        source: package(
            "lua-ansicolors",
            "1.0.2-3",
            "lua-ansicolors_1.0.2.orig.tar.gz",
            "fa76a465c2e0d342f6d5a1d44c63bd398053f206f41c7b5356b551694f899d64",
        ),
        // Its spec was written for telescope.
        runs: Runs::Busted {
            specs: "specs",
            options: &["--helper=lib/telescope.lua"],
            not_in_module: &[],
        },
    },
];

/// busted and what it is made of, all of it Lua: each of these runs in nearly every test.
pub static RUNTIME: [Package; 6] = [
    package(
        "lua-busted",
        "2.1.1-1",
        "lua-busted_2.1.1-1_all.deb",
        "2bd80d74768b090024c3c6852032c681d323fc0a94506a727d17809e9c9a69b3",
    ),
    package(
        "lua-penlight",
        "1.13.1-3",
        "lua-penlight_1.13.1-3_all.deb",
        "69918434ee650d06aa470d49ba05a1a16ae43e66b8216e135cc5075f7d5d9ff3",
    ),
    package(
        "lua-cliargs",
        "3.0-2-5",
        "lua-cliargs_3.0-2-5_all.deb",
        "d06d30a69d7ec9c7d97d8007e56a0524da94a492e05e2fda65122c4f4c133420",
    ),
    package(
        "lua-luassert",
        "1.9.0-1",
        "lua-luassert_1.9.0-1_all.deb",
        "ff140f3dbf622d544c5bfc740037b0dc5485d5662c0500d25dcccf6dcaa958d4",
    ),
    package(
        "lua-mediator",
        "1.1.2-0-8",
        "lua-mediator_1.1.2-0-8_all.deb",
        "8fd811765c18cd53ee4c7b966fa690b586d0fd1b3e98c3505ceddd7df17a5604",
    ),
    package(
        "lua-say",
        "1.4.1-2",
        "lua-say_1.4.1-2_all.deb",
        "d4286a7050dd30fa9d545e4d9e8c56646a5ed146c0d854bf903f9667d46ce7d3",
    ),
];
