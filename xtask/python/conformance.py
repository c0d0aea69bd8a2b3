"""Runs one file of the official suite inside the module, in a fresh instance under wasmtime:

    python conformance.py MODULE FOLDER NAME SETTINGS

SETTINGS is a chunk that sets the suite's variables. The suite's files are put into the module's file system, the file
runs on the main thread under its name, and what it prints goes to standard output. An error goes to standard error,
and the exit code is then 1.

This is wasmtime's side of `node/conformance.mjs`; it knows the module's interface and nothing of Lua.
"""

import os
import struct
import sys
import time

from wasmtime import Engine, Func, FuncType, Instance, Module, Store, Trap, ValType, WasmtimeError

MEMORY_LIMIT = 256 << 20


def fail(message: bytes):
    sys.stderr.buffer.write(message + b"\n")
    sys.exit(1)


class External:
    """The external tables of one instance: dictionaries of bytes, for a module that asks for them."""

    def __init__(self):
        self.tables = {}
        self.memory = None

    def take(self, caller, at, length):
        return bytes(self.memory.read(caller, at & 0xFFFF_FFFF, (at & 0xFFFF_FFFF) + (length & 0xFFFF_FFFF)))

    def give(self, caller, at, value, room):
        if value is None or len(value) > room & 0xFFFF_FFFF:
            return -1
        self.memory.write(caller, value, at & 0xFFFF_FFFF)
        return len(value)

    def set(self, caller, table, key, key_len, value, value_len):
        entries = self.tables.setdefault(table, {})
        entries[self.take(caller, key, key_len)] = self.take(caller, value, value_len)
        return 0

    def get(self, caller, table, key, key_len, value, room):
        found = self.tables.get(table, {}).get(self.take(caller, key, key_len))
        return self.give(caller, value, found, room)

    def delete(self, caller, table, key, key_len):
        found = self.tables.get(table, {}).pop(self.take(caller, key, key_len), None)
        return -1 if found is None else 0

    def size(self, caller, table):
        return len(self.tables.get(table, {}))

    def keys(self, caller, table, at, room):
        entries = self.tables.get(table)
        return self.give(caller, at, None if entries is None else b"\n".join(entries), room)


class Instantiated:
    """An instance that is ready to compute."""

    def __init__(self, path):
        engine = Engine()
        module = compiled(engine, path)
        self.store = Store(engine)
        external = External()
        imports = []
        for wanted in module.imports:
            name = wanted.name.removeprefix("js_ext_table_")
            if wanted.module == "env" and wanted.name == "js_time_now":
                imports.append(Func(self.store, FuncType([], [ValType.f64()]), lambda: time.time() * 1000))
            elif wanted.module == "env" and hasattr(External, name) and name in "set get delete size keys":
                imports.append(Func(self.store, wanted.type, getattr(external, name), access_caller=True))
            else:
                fail(f"the module wants {wanted.module}.{wanted.name}".encode())
        self.exports = Instance(self.store, module, imports).exports(self.store)
        self.memory = external.memory = self.exports["memory"]
        self.call("set_memory_limit", MEMORY_LIMIT)
        if self.call("init") != 0:
            fail(b"the module has no memory for a Lua state")
        self.buffer = self.call("get_buffer_ptr")
        self.room = self.call("get_buffer_size")
        self.call("set_time", time.time() * 1000)
        name, value = b"PATH", b"/bin"
        self.memory.write(self.store, name + value, self.buffer)
        self.call("set_variable", len(name), len(name + value))

    def call(self, name, *arguments):
        return self.exports[name](self.store, *arguments)

    def put(self, name: bytes, content: bytes):
        piece = self.room - len(name)
        for at in range(0, max(len(content), 1), piece):
            part = content[at : at + piece]
            self.memory.write(self.store, name + part, self.buffer)
            if self.call("put_file", len(name), len(name + part), int(at > 0)) != 0:
                fail(b"the module does not take " + name)

    def run(self, source: bytes):
        """Runs a chunk; its output is printed."""
        self.memory.write(self.store, source, self.buffer)
        try:
            length = self.call("compute", self.buffer, len(source))
        except (Trap, WasmtimeError) as error:
            fail(f"the module trapped: {error}".encode())
        if length < 0:
            fail(bytes(self.memory.read(self.store, self.buffer, self.buffer - length - 1)))
        if length:
            response = bytes(self.memory.read(self.store, self.buffer, self.buffer + length))
            (printed,) = struct.unpack_from("<I", response)
            sys.stdout.buffer.write(response[4 : 4 + printed])


def compiled(engine, path):
    """The module as machine code, which is kept beside this environment: compiling takes longer than most files."""
    kept = os.path.join(sys.prefix, os.path.basename(path) + ".machine")
    if os.path.exists(kept) and os.path.getmtime(kept) > os.path.getmtime(path):
        try:
            return Module.deserialize_file(engine, kept)
        except WasmtimeError:
            pass  # Of another release, or of other settings.
    module = Module.from_file(engine, path)
    with open(kept + ".new", "wb") as file:
        file.write(module.serialize())
    os.replace(kept + ".new", kept)
    return module


def main(path, folder, name, settings):
    cu = Instantiated(path)
    whole = name == "all"
    names = [entry for entry in os.listdir(folder) if entry.endswith(".lua")]
    for file in sorted(names) if whole else [f"{name}.lua", "bwcoercion.lua", "tracegc.lua"]:
        with open(os.path.join(folder, file), "rb") as content:
            cu.put(file.encode(), content.read())
    cu.run(f'arg = {{[0] = "{name}.lua"}} {settings}'.encode())
    if name == "big":
        cu.run(b'local f = coroutine.wrap(assert(loadfile "big.lua")) assert(f() == "b") assert(f() == "a")')
    else:
        cu.run(f'return assert(loadfile "{name}.lua")()'.encode())


main(*sys.argv[1:])
