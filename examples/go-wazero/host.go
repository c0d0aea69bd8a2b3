// Runs Lua in cu.wasm under wazero; what programs keep in `_home` lies in a file.
//
//	go run -C examples/go-wazero -mod=mod . ../../dist/cu.wasm home.store [program.lua]
package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// What every host here runs, under the name with which it shows the outcome.
var programs = [][2]string{
	{"arithmetic", "return 2 + 2"},
	{"print", "print('hello from Lua') return 6 * 7"},
	{"mistake", "local t = {}\nreturn t.missing.field"},
	{"fuel", "while true do end"},
	{"memory", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end"},
	{"counter", "_home.counter = (_home.counter or 0) + 1 return _home.counter"},
}

// The external tables: number, key, value. Strings hold any bytes.
var tables = map[uint32]map[string][]byte{}

var ctx, module = context.Background(), api.Module(nil)

func main() {
	if len(os.Args) < 3 {
		must(fmt.Errorf("usage: go run . MODULE STORE [PROGRAM]"))
	}
	code := check(os.ReadFile(os.Args[1]))
	lastTable := load(os.Args[2])
	runtime := wazero.NewRuntime(ctx)
	defer runtime.Close(ctx)
	lendStore(runtime)
	module = check(runtime.Instantiate(ctx, code))
	if call("init") != 0 {
		must(fmt.Errorf("there is no memory for Lua"))
	}
	call("sync_external_table_counter", uint64(lastTable)+1)
	if len(os.Args) > 3 {
		fmt.Println(run(check(os.ReadFile(os.Args[3]))))
	} else {
		call("set_fuel", 1_000_000)
		call("set_memory_limit", 8<<20)
		for _, program := range programs {
			fmt.Printf("%s: %s\n", program[0], run([]byte(program[1])))
		}
	}
	save(os.Args[2])
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check[T any](value T, err error) T {
	must(err)
	return value
}

// Calls an export: its result, or 0 if it has none.
func call(name string, arguments ...uint64) uint64 {
	results := check(module.ExportedFunction(name).Call(ctx, arguments...))
	return append(results, 0)[0]
}

// Runs a program: what it printed, and its result or error.
func run(program []byte) string {
	buffer := call("get_buffer_ptr")
	module.Memory().Write(uint32(buffer), program)
	told := int32(call("compute", buffer, uint64(len(program))))
	if told < 0 {
		return "error: " + string(part(module, uint32(buffer), uint32(-told-1)))
	}
	response := part(module, uint32(buffer), uint32(told))
	n := binary.LittleEndian.Uint32(response)
	return string(response[4:4+n]) + show(response[4+n:])
}

// A result as text.
func show(value []byte) string {
	rest := value[1:]
	switch value[0] {
	case 0:
		return "nil"
	case 1:
		return strconv.FormatBool(rest[0] != 0)
	case 2:
		return strconv.FormatInt(int64(binary.LittleEndian.Uint64(rest)), 10)
	case 3:
		return fmt.Sprint(math.Float64frombits(binary.LittleEndian.Uint64(rest)))
	case 4:
		return string(rest[4:][:binary.LittleEndian.Uint32(rest)])
	case 5:
		return fmt.Sprint("table ", binary.LittleEndian.Uint32(rest))
	default:
		return "function"
	}
}

// So many bytes of memory, which may be overwritten later; none when they are not there.
func part(module api.Module, at, length uint32) (bytes []byte) {
	bytes, _ = module.Memory().Read(at, length)
	return
}

// Writes the bytes if there is room for them, and says how many they are in any case.
func answer(module api.Module, at, room uint32, bytes []byte) int32 {
	if len(bytes) <= int(room) {
		module.Memory().Write(at, bytes)
	}
	return int32(len(bytes))
}

// The five functions by which the module reaches the tables.
func lendStore(runtime wazero.Runtime) {
	get := func(_ context.Context, m api.Module, table, key, keyLength, value, room uint32) int32 {
		if found, ok := tables[table][string(part(m, key, keyLength))]; ok {
			return answer(m, value, room, found)
		}
		return -1
	}
	set := func(_ context.Context, m api.Module, table, key, keyLength, value, valueLength uint32) int32 {
		put(table, string(part(m, key, keyLength)), bytes.Clone(part(m, value, valueLength)))
		return 0
	}
	remove := func(_ context.Context, m api.Module, table, key, keyLength uint32) int32 {
		name := string(part(m, key, keyLength))
		if _, ok := tables[table][name]; ok {
			delete(tables[table], name)
			return 0
		}
		return -1
	}
	size := func(_ context.Context, table uint32) int32 { return int32(len(tables[table])) }
	keys := func(_ context.Context, m api.Module, table, keys, room uint32) int32 {
		entries, ok := tables[table]
		if !ok {
			return -1
		}
		list := binary.LittleEndian.AppendUint32(nil, uint32(len(entries)))
		for key := range entries {
			list = append(binary.LittleEndian.AppendUint32(list, uint32(len(key))), key...)
		}
		return answer(m, keys, room, list)
	}
	builder := runtime.NewHostModuleBuilder("env")
	for name, function := range map[string]any{"get": get, "set": set, "delete": remove, "size": size, "keys": keys} {
		builder.NewFunctionBuilder().WithFunc(function).Export("js_ext_table_" + name)
	}
	check(builder.Instantiate(ctx))
}

func put(table uint32, key string, value []byte) {
	if tables[table] == nil {
		tables[table] = map[string][]byte{}
	}
	tables[table][key] = value
}

// The file has a line for each entry: the table's number, the key and the value in hexadecimal, with tabs between.
func load(file string) (last uint32) {
	text, err := os.ReadFile(file)
	if !os.IsNotExist(err) {
		must(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		table := uint32(check(strconv.ParseUint(fields[0], 10, 32)))
		put(table, string(check(hex.DecodeString(fields[1]))), check(hex.DecodeString(fields[2])))
		last = max(last, table)
	}
	return last
}

func save(file string) {
	// Another name first: the old state is there until the new one is complete.
	var text bytes.Buffer
	for table, entries := range tables {
		for key, value := range entries {
			fmt.Fprintf(&text, "%d\t%x\t%x\n", table, key, value)
		}
	}
	must(os.WriteFile(file+".new", text.Bytes(), 0o666))
	must(os.Rename(file+".new", file))
}
