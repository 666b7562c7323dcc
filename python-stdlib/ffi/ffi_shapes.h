// Types in the words of WebAssembly, and calls by them.
#ifndef COMPONENTIZE_PY_FFI_SHAPES_H
#define COMPONENTIZE_PY_FFI_SHAPES_H

#include "ffi.h"

#include <stdbool.h>

// The letters of a type's parameters. `MEMORY` is the address of a value, `QUAD` is two integers.
typedef enum {
  NOTHING = 'v',
  WORD = 'i',
  LONG = 'l',
  FLOAT = 'f',
  DOUBLE = 'd',
  QUAD = 'q',
  MEMORY = 'm',
  REFUSED = '?'
} ffi_kind_t;

typedef union {
  int32_t i;
  int64_t l;
  float f;
  double d;
} ffi_value_t;

ffi_kind_t ffi_kind(const ffi_type *type);

// A value of kind `WORD`, as wide as a parameter or a result.
int32_t ffi_read_word(const ffi_type *type, const void *value);

// Calls a function whose type is `signature`: the letter of the result (`v` for none), then those of the parameters.
// Returns false, without a call, if that type is not listed. Without a function nothing is called.
bool ffi_call_shape(const char *signature, void (*function)(void), const ffi_value_t *v, ffi_value_t *result);

#endif
