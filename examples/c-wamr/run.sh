#!/bin/sh
# Builds WAMR's interpreter and the example host, unless they are there, and runs the host with the arguments given.
#
#   examples/c-wamr/run.sh dist/cu-mvp.wasm home.store [program.lua]
#
# Needs a C compiler (CC, default cc) and cargo, which downloads WAMR's source as part of the crate wamr-sys.
# The source is one of 2020, so the module is cu-mvp.wasm, which asks for no later WebAssembly.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
built=${CARGO_TARGET_DIR:-$here/../../target}/c-wamr
cc=${CC:-cc}
mkdir -p "$built"

if [ ! -e "$built/libwamr.a" ]; then
    manifest=$here/wamr/Cargo.toml
    cargo fetch --quiet --locked --manifest-path "$manifest"
    package=$(cargo metadata --locked --offline --format-version 1 --manifest-path "$manifest" |
        tr ',' '\n' | sed -n 's/^"manifest_path":"\(.*wamr-sys-[^"]*\)\/Cargo.toml".*/\1/p' | head -n 1)
    core=$package/wasm-micro-runtime/core
    case $(uname -m) in
        x86_64) native=em64 ;;
        aarch64) native=aarch64 ;;
        *) echo "run.sh: WAMR's calls of C functions are not listed here for $(uname -m)" >&2; exit 1 ;;
    esac
    flags="-O2 -w -std=gnu99 -fPIC -DBH_PLATFORM_LINUX -DBH_MALLOC=wasm_runtime_malloc -DBH_FREE=wasm_runtime_free
        -DWASM_ENABLE_INTERP=1 -DWASM_ENABLE_FAST_INTERP=1 -DWASM_ENABLE_LIBC_BUILTIN=1
        -I$core/iwasm/include -I$core/iwasm/common -I$core/iwasm/interpreter -I$core/shared/utils
        -I$core/shared/mem-alloc -I$core/shared/platform/include -I$core/shared/platform/linux"
    rm -rf "$built/objects"
    mkdir "$built/objects"
    cd "$built/objects"
    # shellcheck disable=SC2086 # The flags are words.
    $cc $flags -c "$core"/iwasm/common/wasm_exec_env.c "$core"/iwasm/common/wasm_memory.c \
        "$core"/iwasm/common/wasm_native.c "$core"/iwasm/common/wasm_runtime_common.c \
        "$core"/iwasm/common/wasm_shared_memory.c "$core/iwasm/common/arch/invokeNative_$native.s" \
        "$core"/iwasm/interpreter/wasm_interp_fast.c "$core"/iwasm/interpreter/wasm_loader.c \
        "$core"/iwasm/interpreter/wasm_runtime.c "$core"/iwasm/libraries/libc-builtin/libc_builtin_wrapper.c \
        "$core"/shared/mem-alloc/mem_alloc.c "$core"/shared/mem-alloc/ems/*.c "$core"/shared/utils/*.c \
        "$core"/shared/platform/linux/*.c "$core"/shared/platform/common/posix/*.c
    ar rcs "$built/libwamr.new" ./*.o
    mv "$built/libwamr.new" "$built/libwamr.a"
    cp "$core/iwasm/include/wasm_export.h" "$core/iwasm/include/lib_export.h" "$built"
    cd - >/dev/null
fi

if [ ! -e "$built/host" ] || [ "$here/host.c" -nt "$built/host" ]; then
    "$cc" -O2 -Wall -Wno-unused-parameter -I"$built" "$here/host.c" "$built/libwamr.a" -lm -lpthread -Wl,-z,noexecstack -o "$built/host"
fi
exec "$built/host" "$@"
