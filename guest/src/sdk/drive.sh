#!/bin/sh
# The compiler of native extensions. Leaves out what only ELF linkers know, or what the linker of components does itself.
# One flag is its own: with `-fsetjmp`, code may call `setjmp`. LLVM takes each of its options only once.
# The variable `SDK_FLAGS` has flags with paths, which must not get into what build systems write.
linking=
jumping=
exceptions=
# Long lists of arguments come in files, quoted as for a shell.
for argument do
    shift
    case "$argument" in
        @*)
            while IFS= read -r one; do
                [ -z "$one" ] || set -- "$@" "$one"
            done <<END
$(xargs printf '%s\n' <"${argument#@}")
END
            ;;
        *) set -- "$@" "$argument" ;;
    esac
done
for argument do
    shift
    case "$argument" in
        -shared) linking=shared ;;
        -fsetjmp) jumping=yes; continue ;;
        -wasm-use-legacy-eh=false) exceptions=yes ;;
        # Headers of the CPython that runs the build system: this machine's, which would come before the guest's.
        -I*/include/python3.*) continue ;;
        -pthread | -lpthread | -ldl | -lrt | -lutil | -static-libgcc | -static-libstdc++ | -rdynamic) continue ;;
        -Wl,--start-group | -Wl,--end-group | -Wl,--as-needed | -Wl,--no-as-needed | -Wl,--no-undefined) continue ;;
        -Wl,--allow-shlib-undefined | -Wl,-O[0-9] | -Wl,-soname* | -Wl,--version-script* | -Wl,-Bsymbolic*) continue ;;
        -Wl,-rpath* | -Wl,-R* | -Wl,-z* | -Wl,--exclude-libs* | -Wl,--hash-style* | -Wl,--build-id*) continue ;;
    esac
    set -- "$@" "$argument"
done
if [ "$jumping" ]; then
    set -- "$@" -mllvm -wasm-enable-sjlj
    [ "$exceptions" ] || set -- "$@" -mllvm -wasm-use-legacy-eh=false
fi
if [ "$linking" = shared ]; then
    set -- "$@" -lsetjmp -nostartfiles -Wl,--no-entry -Wl,--export-if-defined=__wasm_call_ctors "-Wl,--allow-undefined-file=@folder@/lib/undefined.txt"
else
    # Build systems link programs to find out which functions exist; there are shared libraries only.
    set -- "$@" -Wl,-Bdynamic
fi
exec '@zig@' clang --target=wasm32-wasip2 @mode@ --start-no-unused-arguments -fuse-ld=lld -stdlib++-isystem '@folder@/c++' \
    '-L@folder@/lib' --end-no-unused-arguments -resource-dir '@folder@/resource' -B '@folder@/bin' --sysroot='@folder@/sysroot' -fPIC \
    -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_MMAN \
    -isystem '@folder@/python' -Qunused-arguments $SDK_FLAGS "$@"
