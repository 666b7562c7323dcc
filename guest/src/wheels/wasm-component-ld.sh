#!/bin/sh
# Links Rust's shared libraries for the guest: rustc believes that it makes a component, and brings a C library of its own.
skip=
for argument do
    shift
    if [ -n "$skip" ]; then
        skip=
        continue
    fi
    case "$argument" in
        -flavor) skip=1; continue ;;
        # Missing symbols are errors, but for those that are listed below.
        --no-entry | --allow-undefined) continue ;;
    esac
    # The C library has one.
    if [ "$argument" = --export ] && [ "$1" = cabi_realloc ]; then
        skip=1
        continue
    fi
    set -- "$@" "$argument"
done
# What Rust exports by itself would clash with that of the next library in Rust.
exec '@wasm-ld@' -shared --no-export-dynamic '--allow-undefined-file=@sdk@/lib/undefined.txt' \
    '-L@sysroot@/lib/wasm32-wasip2' '-L@sdk@/lib' "$@" '@builtins@'
