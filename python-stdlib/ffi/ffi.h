// The public interface of libffi as far as CPython's `_ctypes` and the package cffi use it, for functions in WebAssembly.
// The library of `_ctypes` exports these functions, and extensions that are compiled with this header take them from there.
//
// A call through a pointer must name the function's own type there, and a program cannot name new types while it runs.
// So there is one call for each type that `ffi_call.c` lists, and `ffi_prep_cif` refuses all others. A program cannot
// make functions either, so closures come from a supply of some types (`ffi_closures.c`).
#ifndef COMPONENTIZE_PY_FFI_H
#define COMPONENTIZE_PY_FFI_H

#include <stddef.h>
#include <stdint.h>

#define FFI_TYPE_VOID 0
#define FFI_TYPE_FLOAT 1
#define FFI_TYPE_DOUBLE 2
#define FFI_TYPE_LONGDOUBLE 3
#define FFI_TYPE_UINT8 4
#define FFI_TYPE_SINT8 5
#define FFI_TYPE_UINT16 6
#define FFI_TYPE_SINT16 7
#define FFI_TYPE_UINT32 8
#define FFI_TYPE_SINT32 9
#define FFI_TYPE_UINT64 10
#define FFI_TYPE_SINT64 11
#define FFI_TYPE_POINTER 12
#define FFI_TYPE_STRUCT 13
#define FFI_TYPE_COMPLEX 14
#define FFI_TYPE_INT FFI_TYPE_SINT32

typedef struct _ffi_type {
  size_t size;
  unsigned short alignment;
  unsigned short type;
  struct _ffi_type **elements; // of a struct, up to NULL
} ffi_type;

#pragma GCC visibility push(default)

extern ffi_type ffi_type_void, ffi_type_float, ffi_type_double, ffi_type_longdouble, ffi_type_pointer;
extern ffi_type ffi_type_uint8, ffi_type_sint8, ffi_type_uint16, ffi_type_sint16;
extern ffi_type ffi_type_uint32, ffi_type_sint32, ffi_type_uint64, ffi_type_sint64;

#define ffi_type_uchar ffi_type_uint8
#define ffi_type_schar ffi_type_sint8
#define ffi_type_ushort ffi_type_uint16
#define ffi_type_sshort ffi_type_sint16
#define ffi_type_uint ffi_type_uint32
#define ffi_type_sint ffi_type_sint32
#define ffi_type_ulong ffi_type_uint32
#define ffi_type_slong ffi_type_sint32

typedef enum { FFI_OK, FFI_BAD_TYPEDEF, FFI_BAD_ABI, FFI_BAD_ARGTYPE } ffi_status;
typedef enum { FFI_DEFAULT_ABI = 1 } ffi_abi;

// The widest form in which a small integer is returned.
typedef uint32_t ffi_arg;
typedef int32_t ffi_sarg;

// The most parameters of a function in WebAssembly.
#define FFI_PARAMETERS 12

typedef struct {
  ffi_abi abi;
  unsigned nargs;
  ffi_type **arg_types;
  ffi_type *rtype;
  unsigned fixed;                      // arguments before those of `...`
  int is_variadic;                     // whether a pointer to the others follows them
  char signature[FFI_PARAMETERS + 2];  // the letters of `ffi_call.c`, the result first
} ffi_cif;

typedef struct {
  void (*code)(void); // the function for C code, once it is prepared
  struct ffi_slot *slot;
  void *user_data;
} ffi_closure;

#define FFI_FN(function) ((void (*)(void))(function))

ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype, ffi_type **arg_types);
ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned fixed, unsigned nargs, ffi_type *rtype,
                            ffi_type **arg_types);
void ffi_call(ffi_cif *cif, void (*function)(void), void *rvalue, void **avalues);

void *ffi_closure_alloc(size_t size, void **code);
void ffi_closure_free(void *closure);
ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif, void (*fun)(ffi_cif *, void *, void **, void *),
                                void *user_data, void *code);
// The older form.
#define ffi_prep_closure(closure, cif, fun, user_data) ffi_prep_closure_loc(closure, cif, fun, user_data, NULL)

// Our own additions.

// Adapts a prepared call to the function, if its type is known. Returns NULL, or why the call would trap.
const char *ffi_fit(ffi_cif *cif, void (*function)(void));

// Why `ffi_prep_cif` refuses.
extern const char ffi_no_shape[];

// Why `ffi_prep_closure_loc` refuses.
const char *ffi_no_closure(ffi_status status);

#pragma GCC visibility pop

// The letters of a closure's type, or NULL if the function is none.
const char *ffi_closure_type(void (*function)(void));

// The functions that a component has under their C names: `ffi_names.c`.
typedef struct {
  const char *name;
  void (*function)(void);
  const char *signature; // with a dot at the end if more arguments may follow; NULL for a variable
} ffi_named_t;

const ffi_named_t *ffi_named_at(void (*function)(void));

// The letters of the type of a function that `dlsym` has found in an extension (`runtime/dl.c`), or NULL.
const char *componentize_py_signature_of(const void *function);

#endif
