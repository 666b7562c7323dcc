#!/bin/sh
# Links Rust's shared libraries for the guest: rustc believes that it makes a component, and brings a C library of its own.
skip=
for argument do
    shift
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$argument" in
        -flavor) skip=1; continue ;;
        --no-entry) continue ;;
    esac
    set -- "$@" "$argument"
done
exec '@wasm-ld@' -shared '--allow-undefined-file=@sdk@/lib/undefined.txt' '-L@sysroot@/lib/wasm32-wasip2' '-L@sdk@/lib' "$@" '@builtins@'
