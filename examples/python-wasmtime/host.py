"""Runs Lua in cu.wasm under wasmtime from Python; what programs keep in `_home` lies in a file.

    pip install wasmtime
    python3 examples/python-wasmtime/host.py dist/cu.wasm home.store [program.lua]
"""

import os
import struct
import sys

from wasmtime import Engine, Func, FuncType, Instance, Module, Store, ValType

# What every host here runs, under the name with which it shows the outcome.
PROGRAMS = [
    ("arithmetic", "return 2 + 2"),
    ("print", "print('hello from Lua') return 6 * 7"),
    ("mistake", "local t = {}\nreturn t.missing.field"),
    ("fuel", "while true do end"),
    ("memory", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end"),
    ("counter", "_home.counter = (_home.counter or 0) + 1 return _home.counter"),
]


class Lua:
    """One instance of the module. `tables` are the external tables: number to a dict of bytes to bytes."""

    def __init__(self, module, tables):
        self.tables = tables
        engine = Engine()
        self.store = Store(engine)
        module = Module.from_file(engine, module)
        lent = self.lend_store()
        imports = [lent[wanted.name] for wanted in module.imports]
        self.exports = Instance(self.store, module, imports).exports(self.store)
        self.memory = self.exports["memory"]
        if self.call("init") != 0:
            raise MemoryError("there is no memory for Lua")
        self.call("sync_external_table_counter", max(tables, default=0) + 1)
        self.buffer = self.call("get_buffer_ptr")

    def call(self, name, *args):
        return self.exports[name](self.store, *args)

    def run(self, program):
        """Runs a program: what it printed, and its result or error."""
        self.memory.write(self.store, program, self.buffer)
        told = self.call("compute", self.buffer, len(program))
        if told < 0:
            return "error: " + text(self.part(self.buffer, -told - 1))
        response = self.part(self.buffer, told)
        (n,) = struct.unpack_from("<I", response)
        return text(response[4 : 4 + n]) + show(response[4 + n :])

    def part(self, at, length):
        """So many bytes of memory. The module's 32-bit integers are unsigned."""
        at, length = at & 0xFFFFFFFF, length & 0xFFFFFFFF
        return bytes(self.memory.read(self.store, at, at + length))

    def answer(self, at, room, value):
        """Writes the bytes if there is room for them, and says how many they are in any case."""
        if len(value) <= room & 0xFFFFFFFF:
            self.memory.write(self.store, value, at & 0xFFFFFFFF)
        return len(value)

    def lend_store(self):
        """The five functions by which the module reaches the tables."""

        def get(table, key, key_len, value, room):
            found = self.tables.get(table, {}).get(self.part(key, key_len))
            return -1 if found is None else self.answer(value, room, found)

        def set(table, key, key_len, value, value_len):
            entries = self.tables.setdefault(table, {})
            entries[self.part(key, key_len)] = self.part(value, value_len)
            return 0

        def delete(table, key, key_len):
            removed = self.tables.get(table, {}).pop(self.part(key, key_len), None)
            return -1 if removed is None else 0

        def size(table):
            return len(self.tables.get(table, {}))

        def keys(table, keys, room):
            if table not in self.tables:
                return -1
            entries = self.tables[table]
            counted = (struct.pack("<I", len(key)) + key for key in entries)
            return self.answer(keys, room, struct.pack("<I", len(entries)) + b"".join(counted))

        def function(act):
            i32 = ValType.i32()
            n_parameters = act.__code__.co_argcount
            return Func(self.store, FuncType([i32] * n_parameters, [i32]), act)

        return {f"js_ext_table_{act.__name__}": function(act) for act in (get, set, delete, size, keys)}


def text(raw):
    return raw.decode("utf-8", "replace")


def show(value):
    """A result as text."""
    tag = value[0]
    if tag == 0:
        return "nil"
    if tag == 1:
        return "true" if value[1] else "false"
    if tag == 2:
        return str(struct.unpack_from("<q", value, 1)[0])
    if tag == 3:
        return str(struct.unpack_from("<d", value, 1)[0])
    if tag == 4:
        (n,) = struct.unpack_from("<I", value, 1)
        return text(value[5 : 5 + n])
    if tag == 5:
        return f"table {struct.unpack_from('<I', value, 1)[0]}"
    return "function"


def load(file):
    """The file has a line for each entry: the table's number, the key and the value in hexadecimal, with tabs between."""
    tables = {}
    if os.path.exists(file):
        with open(file) as lines:
            for line in lines:
                table, key, value = line.rstrip("\n").split("\t")
                tables.setdefault(int(table), {})[bytes.fromhex(key)] = bytes.fromhex(value)
    return tables


def save(file, tables):
    # Another name first: the old state is there until the new one is complete.
    with open(file + ".new", "w") as lines:
        for table, entries in tables.items():
            for key, value in entries.items():
                lines.write(f"{table}\t{key.hex()}\t{value.hex()}\n")
    os.replace(file + ".new", file)


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: host.py MODULE STORE [PROGRAM]")
    module, file, *program = sys.argv[1:]
    tables = load(file)
    lua = Lua(module, tables)
    if program:
        with open(program[0], "rb") as source:
            print(lua.run(source.read()))
    else:
        lua.call("set_fuel", 1_000_000)
        lua.call("set_memory_limit", 8 << 20)
        for name, source in PROGRAMS:
            print(f"{name}: {lua.run(source.encode())}")
    save(file, tables)


main()
