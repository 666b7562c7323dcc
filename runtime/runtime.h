// The guest runtime: implements what the glue calls (`wit_dylib.h`, pinned in python-stdlib/c-sources as the crate
// `wit-dylib`) over the CPython C API.
//
// A value crosses the boundary in one of two ways:
// - lift:  canonical ABI -> Python. The glue pushes parts, `lift.c` builds objects on the call's stack; the elements
//   of a list are read from memory directly.
// - lower: Python -> canonical ABI. `lower.c` checks and converts a whole value first, onto the call's tape; the glue's
//   pops then only read the tape, in order, and cannot fail.
#ifndef COMPONENTIZE_PY_RUNTIME_H
#define COMPONENTIZE_PY_RUNTIME_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "symbols.h"
#include "wit_dylib.h"

#define EXPORTED __attribute__((visibility("default")))

// --- types.c: the type table, aliases resolved and laid out ------------------------------------------------------

typedef struct layout {
  uint32_t size;
  uint32_t align;
} layout_t;

typedef struct field {
  wit_type_t type;
  uint32_t offset;
  PyObject *attribute; // interned name; NULL in tuples
  const char *name;    // NULL in tuples
} field_t;

// A record or tuple.
typedef struct product {
  const char *name; // NULL if anonymous
  layout_t layout;
  size_t count;
  field_t *fields;
  PyObject *class; // NULL for tuples
} product_t;

typedef struct variant_case {
  wit_type_t type; // WIT_TYPE_EMPTY without payload
  const char *name;
  PyObject *class; // NULL in options
} variant_case_t;

// A variant, option or result.
typedef struct sum {
  const char *name;
  layout_t layout;
  uint32_t tag_size;
  uint32_t payload_offset;
  size_t count;
  variant_case_t *cases;
} sum_t;

// An enum or flags type. `members` are the Python objects in WIT order.
typedef struct members {
  const char *name;
  layout_t layout;
  size_t count;
  const char *const *names;
  PyObject *class;
  PyObject **members;
} members_t;

typedef struct list {
  wit_type_t element;
  layout_t layout; // of one element
} list_t;

typedef struct resource {
  const wit_resource_t *wit;
  PyObject *class;
  bool exported;
} resource_t;

typedef struct import {
  const wit_import_func_t *wit;
  const char *name;
  const char **params;
  wit_type_t *types;
  wit_type_t result;
  bool available;
  bool constructor; // of a resource
} import_t;

typedef struct export {
  const wit_export_func_t *wit;
  const char *name;
  PyObject *callable; // strong; a bound method, a class, or (methods of resources) the method's name
  bool method_of_resource;
  wit_type_t result;
} export_t;

struct runtime {
  const wit_t *wit;
  product_t *records;
  product_t *tuples;
  sum_t *variants;
  sum_t *options;
  sum_t *results;
  members_t *enums;
  members_t *flags;
  list_t *lists;
  resource_t *resources;
  import_t *imports;
  export_t *exports;
  PyObject *some;  // componentize_py_types.Some
  PyObject *ok;    // componentize_py_types.Ok
  PyObject *err;   // componentize_py_types.Err
  PyObject *value; // interned "value"
  PyObject *handle; // interned "_handle"
  PyObject **borrows; // handles that end with the running export
  size_t borrow_count;
  size_t borrow_capacity;
  PyObject *boot;  // the module of boot.py
  bool building;   // until the snapshot is taken
  bool refreshed;  // environment, arguments and random state belong to this process
};
extern struct runtime runtime;

// Builds the table from `runtime.wit`; Python classes come from `symbols`. -1 with an exception set.
int types_load(const symbols_t *symbols);
wit_type_t type_resolve(wit_type_t type);
layout_t type_layout(wit_type_t type);
// A new reference: the type as WIT writes it.
PyObject *type_display(wit_type_t type);
sum_t *type_sum(wit_type_t type);         // variants, options and results
product_t *type_product(wit_type_t type); // records and tuples

// --- call.c: one call across the boundary ------------------------------------------------------------------------

#define INLINE_SLOTS 24
#define INLINE_STACK 12

typedef struct chunk {
  struct chunk *next;
} chunk_t;

typedef struct call {
  // Lifted values; strong references.
  PyObject **stack;
  size_t depth;
  size_t stack_capacity;
  bool failed; // lifting raised; the exception is set

  // Lowered values, read in the order in which they were written.
  uint64_t *tape;
  size_t written;
  size_t read;
  size_t tape_capacity;

  // What the lowered values point to: objects whose bytes are lent, and memory of our own.
  PyObject **held;
  size_t held_count;
  size_t held_capacity;
  chunk_t *chunks;

  // The reason why a value cannot be lowered, innermost first; NULL if a Python exception says it.
  PyObject *error_class; // borrowed
  PyObject *error;

  bool in_use;
  uint64_t inline_tape[INLINE_SLOTS];
  PyObject *inline_stack[INLINE_STACK];
} call_t;

void call_begin(call_t *call);
void call_end(call_t *call);
void call_push(call_t *call, PyObject *value); // steals; NULL marks the call as failed
PyObject *call_pop(call_t *call);              // new reference, never NULL
int call_write(call_t *call, uint64_t slot);
int call_hold(call_t *call, PyObject *object); // takes a reference of its own
void *call_alloc(call_t *call, size_t size);   // NULL with an exception set

// --- lift.c, lower.c ---------------------------------------------------------------------------------------------

// A new reference, or NULL with an exception set. Frees the strings and lists that the value owns.
PyObject *lift_load(wit_type_t type, const uint8_t *source);
// -1 if `value` is not of the type: see `lower_raise`.
int lower_value(call_t *call, wit_type_t type, PyObject *value);
// Raises the reason for the last -1 as "<function>: <what>: <reason>".
void lower_raise(call_t *call, const char *function, const char *what);
// The parts that lower.c and lower_list.c share.
int lower_store(call_t *call, wit_type_t type, PyObject *value, uint8_t *target);
int lower_list(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length);
int lower_mismatch(call_t *call, wit_type_t type, PyObject *value);
int lower_within(call_t *call, const char *format, ...);

// --- resources.c -------------------------------------------------------------------------------------------------

PyObject *resource_lift_own(size_t index, uint32_t handle);
PyObject *resource_lift_borrow(size_t index, uint32_t handle);
int resource_lower_own(call_t *call, size_t index, PyObject *value, uint32_t *handle);
int resource_lower_borrow(call_t *call, size_t index, PyObject *value, uint32_t *handle);
PyObject *resource_drop(PyObject *module, PyObject *object);
// What was lowered is passed on now: handles that the call takes are given away.
void resource_commit(call_t *call);
// Undoes what lowering did to a handle that the call holds.
void resource_let_go(PyObject *held);
// Ends what the host only lent for the running export.
void resource_end_borrows(void);
extern PyTypeObject Handle_Type;

// --- errors.c ----------------------------------------------------------------------------------------------------

// Prints the current exception once and traps: an exception left an export.
_Noreturn void die_of_exception(void);
// A broken invariant of ours.
_Noreturn void die_of_bug(const char *message);

// --- import.c, refresh.c -----------------------------------------------------------------------------------------

PyMODINIT_FUNC PyInit_componentize_py_runtime(void);
void refresh_once(void);
int refresh_before_snapshot(void);

#endif
