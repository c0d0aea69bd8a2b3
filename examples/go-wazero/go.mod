module example/cu-on-wazero

go 1.24

require github.com/tetratelabs/wazero v1.8.2
