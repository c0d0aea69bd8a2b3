"""A test host (README.md beside this file): the raw module under wasmtime.

    python wasmtime.py MODULE
"""

import os
import struct
import sys
import time

# This file has the name of the package it needs.
sys.path.pop(0)

from wasmtime import Engine, Func, Instance, Module, Store, Trap, WasmtimeError


class Tables:
    """The external tables of one instance."""

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
        self.tables.setdefault(table, {})[self.take(caller, key, key_len)] = self.take(caller, value, value_len)
        return 0

    def get(self, caller, table, key, key_len, value, room):
        return self.give(caller, value, self.tables.get(table, {}).get(self.take(caller, key, key_len)), room)

    def delete(self, caller, table, key, key_len):
        found = self.tables.get(table, {}).pop(self.take(caller, key, key_len), None)
        return -1 if found is None else 0

    def size(self, caller, table):
        return len(self.tables.get(table, {}))

    def keys(self, caller, table, at, room):
        entries = self.tables.get(table)
        return self.give(caller, at, None if entries is None else b"\n".join(entries), room)


class Lua:
    """One instance."""

    def __init__(self, engine, module, memory):
        self.store = Store(engine)
        tables = Tables()
        imports = []
        for wanted in module.imports:
            function = getattr(tables, wanted.name.removeprefix("js_ext_table_"))
            imports.append(Func(self.store, wanted.type, function, access_caller=True))
        self.exports = Instance(self.store, module, imports).exports(self.store)
        self.memory = tables.memory = self.exports["memory"]
        if memory >= 0:
            self.call("set_memory_limit", memory)
        if self.call("init") != 0:
            raise RuntimeError("the module has no memory for a Lua state")
        self.buffer = self.call("get_buffer_ptr")
        self.room = self.call("get_buffer_size")

    def call(self, name, *arguments):
        return self.exports[name](self.store, *arguments)

    def bytes(self, at, length):
        return bytes(self.memory.read(self.store, at, at + length))

    def run(self, source, fuel):
        self.call("set_fuel", fuel)
        fits = len(source) <= self.room
        at = self.buffer if fits else self.call("alloc", len(source))
        if at == 0:
            return "error", b"no memory for the source"
        self.memory.write(self.store, source, at)
        told = self.call("compute", at, len(source))
        if not fits:
            self.call("free", at, len(source))
        if told < 0:
            return "error", self.bytes(self.buffer, -told - 1)
        response = self.bytes(self.buffer, told)
        (printed,) = struct.unpack_from("<I", response)
        return "ok", response[4 : 4 + printed] + shown(response[4 + printed :])

    def used(self):
        self.call("get_memory_stats", self.buffer)
        return struct.unpack("<I", self.bytes(self.buffer + 4, 4))[0]


def shown(value):
    """Only what all hosts write alike."""
    if value[0] == 0:
        return b"nil"
    if value[0] == 1:
        return b"true" if value[1] else b"false"
    if value[0] == 2:
        return str(struct.unpack_from("<q", value, 1)[0]).encode()
    return value[5:] if value[0] == 4 else b""


def main(path):
    engine = Engine()
    module = compiled(engine, path)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    lua = None
    while line := source.readline():
        fresh, fuel, memory, _, length = map(int, line.split())
        program = source.read(length)
        if fresh or lua is None:
            lua = Lua(engine, module, memory)
        started = time.monotonic()
        try:
            kind, text = lua.run(program, fuel)
            left, used = lua.call("fuel_left"), lua.used()
        except (Trap, WasmtimeError) as error:
            kind, text, left, used = "trap", str(error).encode(), -1, 0
        micros = int((time.monotonic() - started) * 1e6)
        spent = -1 if left < 0 else fuel - left
        sink.write(b"%s %d %d %d %d\n" % (kind.encode(), spent, used, micros, len(text)) + text)
        sink.flush()


def compiled(engine, path):
    """The module as machine code, which is kept beside this environment."""
    kept = os.path.join(sys.prefix, os.path.basename(path) + ".proof")
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


main(*sys.argv[1:])
