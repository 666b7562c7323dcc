// Functions of Emscripten's C library that differ from those of ours. `src/link/emscripten.rs` gives the imports of wheels for
// Emscripten these names.
#ifndef COMPONENTIZE_PY_EMSCRIPTEN_H
#define COMPONENTIZE_PY_EMSCRIPTEN_H

// Enables more than the C standard's own functions; all files include this one first.
#define _GNU_SOURCE

#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))
#define EMSCRIPTEN(name) EXPORTED __emscripten_abi_##name

#endif
