// The guest runtime: implements the functions that the glue calls (`wit_dylib.h`, pinned in python-stdlib/c-sources as
// the crate `wit-dylib`) over the CPython C API.
//
// A value crosses the boundary in one of two ways:
// - lift: canonical ABI -> Python. The glue pushes parts, and `push.c` builds objects on the call's stack; the elements
//   of a list are read from memory directly (`lift.c`).
// - lower: Python -> canonical ABI. `lower.c` checks and converts a whole value first, onto the call's tape; the glue's
//   pops then only read the tape, in order, and cannot fail.
//
// Three files have no section here, since only the glue and the build call them: `push.c` and `pop.c`, for those parts
// of `wit_dylib.h`, and `init.c`, for `wit/init.wit`.
#ifndef COMPONENTIZE_PY_RUNTIME_H
#define COMPONENTIZE_PY_RUNTIME_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "symbols.h"
#include "wit_dylib.h"

#define EXPORTED __attribute__((visibility("default")))
// Symbols that the library of asynchronous functions uses, too. The prefix avoids clashes with symbols of an
// application's own libraries.
#define SHARED(name) __asm__("componentize_py_" #name) EXPORTED

typedef struct call call_t;

// --- types.c, display.c: the type table, aliases resolved and laid out -------------------------------------------

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

typedef struct list {
  wit_type_t element;
  layout_t layout; // of one element
  // For a `map<K, V>`, which the canonical ABI passes as a list of tuples: key and value. NULL otherwise.
  const struct product *entry;
} list_t;

typedef struct shape shape_t; // see instances.c

// A record, tuple or list of fixed length.
typedef struct product {
  const char *name; // NULL if anonymous
  layout_t layout;
  size_t count;
  field_t *fields;
  PyObject *class; // NULL for tuples
  shape_t *shape;  // NULL unless the class is a plain dataclass
  // For a `list<T, N>`, which the canonical ABI passes as a tuple of N times T. NULL otherwise.
  list_t *items;
} product_t;

typedef struct variant_case {
  wit_type_t type; // WIT_TYPE_EMPTY without payload
  const char *name;
  PyObject *class; // NULL in options
  shape_t *shape;  // NULL unless the class is a plain dataclass
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

// The glue's name for the interface of the resource that represents error contexts.
#define ERROR_CONTEXT_INTERFACE "$error-context"

typedef struct resource {
  const wit_resource_t *wit;
  PyObject *class; // NULL for an exported one without functions, which accepts any object
  bool exported;
  bool error_context; // a resource for the glue; its handles stay ours when they are passed on
  bool *parents; // by index: true if a handle may be the child of one of that resource; NULL if of none
} resource_t;

typedef struct import {
  const wit_import_func_t *wit;
  const char *name;
  const char **params;
  wit_type_t *types;
  wit_type_t result;
  bool available;
  bool constructor; // of a resource
  bool gives_handles; // of resources; see family.c
  bool headed;        // the result's first handle may be the parent of the others
} import_t;

typedef struct export {
  const wit_export_func_t *wit;
  const char *name;
  PyObject *callable; // strong; a bound method, a class, or (methods of resources) the method's name
  bool method_of_resource;
  wit_type_t result;
} export_t;

// Hooks of the library that only components with asynchronous functions, streams or futures need. The library sets them
// while building. The `index` of a stream or future is the one in `wit->streams` or `wit->futures`; a handle is its
// readable end.
typedef struct async_hooks {
  // New references, or NULL with an exception set; the handle is taken in either case.
  PyObject *(*lift_stream)(size_t index, uint32_t handle);
  PyObject *(*lift_future)(size_t index, uint32_t handle);
  // Like `resource_lower_own`: -1 if the value is not such an end, or cannot be passed. Objects that the call holds
  // (`call_hold`) are committed or released with the call.
  int (*lower_stream)(call_t *call, size_t index, PyObject *value, uint32_t *handle);
  int (*lower_future)(call_t *call, size_t index, PyObject *value, uint32_t *handle);
  // For values that fail to be lifted; must not need Python, and an exception may be set.
  void (*discard_stream)(size_t index, uint32_t handle);
  void (*discard_future)(size_t index, uint32_t handle);
  // The number of ends of streams and futures that we own.
  size_t (*live)(void);
  // For the glue's asynchronous exports: they return codes of the canonical ABI's callback.
  uint32_t (*export_call)(call_t *call, size_t which);
  uint32_t (*export_callback)(uint32_t event, uint32_t waitable, uint32_t code);
  // Three steps of starting up: registers modules, adds functions for generated code to `componentize_py_runtime`, and
  // imports the event loop. -1 with an exception set; the first step runs before Python and sets none.
  int (*add_modules)(void);
  int (*add_to_module)(PyObject *module);
  int (*load)(void);
  // Calls an asynchronous import; returns an awaitable.
  PyObject *(*call_import)(size_t index, PyObject *const *arguments, size_t count);
  // For each object that a call holds, of whatever type: the call begins, and the call is over.
  void (*commit)(call_t *call, PyObject *held);
  void (*let_go)(PyObject *held);
} async_hooks_t;

struct runtime {
  const wit_t *wit;
  const async_hooks_t *async; // NULL unless the world needs it
  Py_ssize_t clock;           // the import that timers wait with, or -1
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
  PyObject *init;   // interned "__init__"
  PyObject *mapping; // collections.abc.Mapping; NULL if the world has no maps
  struct call *lifting; // the import call whose result is being lifted, if that has handles
  PyObject *borrows; // borrowed handles lifted so far for the export that is about to run; NULL if none
  PyObject *boot;  // the module of boot.py
  PyObject *measure; // the module of measure.py, NULL unless this run only measures
  bool building;   // until the snapshot is taken
  bool running;    // code of the guest runs: memory that the host asks for now belongs to libc
  bool plain;      // the snapshot was made without environment, arguments and random numbers
  bool refreshed;  // environment, arguments and random state belong to this process
};
extern struct runtime runtime SHARED(runtime);

// Builds the table from `runtime.wit`; Python classes come from `symbols`. -1 with an exception set.
int types_load(const symbols_t *symbols);
wit_type_t type_resolve(wit_type_t type) SHARED(type_resolve);
layout_t type_layout(wit_type_t type) SHARED(type_layout);
// A new reference: the type in WIT's notation.
PyObject *type_display(wit_type_t type) SHARED(type_display);
sum_t *type_sum(wit_type_t type) SHARED(type_sum);             // variants, options and results
product_t *type_product(wit_type_t type) SHARED(type_product); // records, tuples and lists of fixed length

// --- instances.c -------------------------------------------------------------------------------------------------

// Finds the shape of a generated class; NULL if the class must be called and asked for attributes. -1 with an exception
// set.
int instance_shape(PyObject *class, PyObject *const *names, size_t count, shape_t **shape);
// A new instance; steals the fields.
PyObject *instance_make(shape_t *shape, PyObject *class, PyObject **fields, size_t count);
// A new reference to a field, or NULL with an exception set.
PyObject *instance_get(shape_t *shape, PyObject *instance, size_t field, PyObject *name);

// --- call.c: one call across the boundary ------------------------------------------------------------------------

#define INLINE_SLOTS 24
#define INLINE_STACK 12
#define MOST_PARENTS 3

typedef struct chunk {
  struct chunk *next;
  size_t size; // of `bytes`
  size_t used;
  _Alignas(8) uint8_t bytes[];
} chunk_t;

struct call {
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

  // The memory that lowered values point to: objects whose bytes are lent, and memory of our own.
  PyObject **held;
  size_t held_count;
  size_t held_capacity;
  chunk_t *chunks;

  // The reason why a value cannot be lowered, innermost first; NULL if a Python exception has it.
  PyObject *error_class; // borrowed
  PyObject *error;

  // Handles held by the call that may be parents of the handles that it returns; see family.c.
  PyObject *parents[MOST_PARENTS];
  size_t parent_count;
  bool head_awaited; // the first handle that it returns is one of them

  bool in_use;
  uint64_t inline_tape[INLINE_SLOTS];
  PyObject *receiver; // room for the `self` of a bound method, in front of the arguments
  PyObject *inline_stack[INLINE_STACK];
};

void call_begin(call_t *call) SHARED(call_begin);
void call_end(call_t *call) SHARED(call_end);
// Steals; NULL marks the call as failed.
void call_push(call_t *call, PyObject *value) SHARED(call_push);
// A new reference, never NULL.
PyObject *call_pop(call_t *call) SHARED(call_pop);
int call_write(call_t *call, uint64_t slot) SHARED(call_write);
// Takes a new reference, which lasts as long as the call.
int call_hold(call_t *call, PyObject *object) SHARED(call_hold);
// Memory that lives as long as the call; NULL with an exception set.
void *call_alloc(call_t *call, size_t size) SHARED(call_alloc);
// Frees a string or list that the host passed.
void call_free_lifted(void *bytes, size_t size) SHARED(call_free_lifted);
// Counts bytes that the host passed as kept for good.
void call_keep_lifted(size_t size);
// Bytes that the host passed and nobody has freed yet, and those that running calls have from `call_alloc`.
void call_live(size_t *lifted, size_t *lowered);
// The lowered values are passed on now: handles that the call takes are given away.
void call_commit(call_t *call) SHARED(call_commit);

// --- lift.c, discard.c -------------------------------------------------------------------------------------------

// A new reference, or NULL with an exception set. In either case the value in memory is consumed: its strings and lists
// are freed, its handles taken or dropped.
PyObject *lift_load(wit_type_t type, const uint8_t *source) SHARED(lift_load);
// Lifts `length` consecutive values; the caller keeps the memory.
PyObject *lift_items(const list_t *type, const uint8_t *bytes, size_t length) SHARED(lift_items);
// The parts that lift.c and push.c share; they consume their arguments, too.
PyObject *lift_char(uint32_t value);
PyObject *lift_float(float value);
PyObject *lift_string(uint8_t *bytes, size_t length);
PyObject *lift_list(size_t index, uint8_t *bytes, size_t length);
PyObject *lift_flags(size_t index, uint32_t bits);
PyObject *lift_enum(size_t index, uint32_t value);
PyObject *lift_product(const product_t *product, PyObject **fields);
PyObject *lift_case(wit_type_t type, uint32_t tag, PyObject *payload);

// Consume a value that is no longer needed, without calling Python: an exception is set.
void lift_discard(wit_type_t type, const uint8_t *source) SHARED(lift_discard);
void discard_string(uint8_t *bytes, size_t length);
void discard_list(const list_t *type, uint8_t *bytes, size_t length);
void discard_items(const list_t *type, const uint8_t *bytes, size_t length);
void discard_handle(wit_type_t type, uint32_t handle);

// --- lower.c, lower_list.c, lower_map.c --------------------------------------------------------------------------

// -1 if `value` is not of the type: see `lower_raise`.
int lower_value(call_t *call, wit_type_t type, PyObject *value) SHARED(lower_value);
// Raises the reason for the last -1 as "<function>: <what>: <reason>".
void lower_raise(call_t *call, const char *function, const char *what) SHARED(lower_raise);
// Writes a value into memory of the call; memory that the value points to is allocated elsewhere.
int lower_store(call_t *call, wit_type_t type, PyObject *value, uint8_t *target) SHARED(lower_store);
int lower_list(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length) SHARED(lower_list);
// The items of a list, or of a stream; `shown` is the type that messages name.
int lower_elements(call_t *call, const list_t *type, wit_type_t shown, PyObject *value, void **pointer, size_t *length)
    SHARED(lower_elements);
// They note why a value does not fit, and return -1. `lower_refuse` steals `reason`.
int lower_refuse(call_t *call, PyObject *error_class, PyObject *reason) SHARED(lower_refuse);
int lower_mismatch(call_t *call, wit_type_t type, PyObject *value) SHARED(lower_mismatch);
int lower_within(call_t *call, const char *format, ...) SHARED(lower_within);

// --- resources.c -------------------------------------------------------------------------------------------------

PyObject *resource_lift_own(size_t index, uint32_t handle) SHARED(resource_lift_own);
PyObject *resource_lift_borrow(size_t index, uint32_t handle) SHARED(resource_lift_borrow);
int resource_lower_own(call_t *call, size_t index, PyObject *value, uint32_t *handle) SHARED(resource_lower_own);
int resource_lower_borrow(call_t *call, size_t index, PyObject *value, uint32_t *handle) SHARED(resource_lower_borrow);
PyObject *resource_drop(PyObject *module, PyObject *object);
// Gives away the handles that the call takes.
void resource_commit(call_t *call) SHARED(resource_commit);
// The handles that the call took are gone for good.
void resource_part(call_t *call);
// Keeps what an export returns but we still own until the next export begins. -1 with an exception set.
int resource_keep_returned(call_t *call);
void resource_end_returned(void);
// Undoes what lowering did to a handle that the call holds.
void resource_let_go(PyObject *held) SHARED(resource_let_go);
// Undoes giving away: the call never began, or did not take the handles.
void resource_take_back(PyObject *held) SHARED(resource_take_back);
// The handles that the host lent for the arguments lifted since the last time: NULL, or a list that belongs to the
// caller, who ends them when the call is over. Several calls may be in flight.
PyObject *resource_take_borrows(void) SHARED(resource_take_borrows);
// -1 with an exception set if one of them is lent on to a call that is still running.
int resource_check_lent(PyObject *borrows) SHARED(resource_check_lent);
void resource_end_borrows(PyObject *borrows) SHARED(resource_end_borrows); // steals
// The number of handles that we have: owned or borrowed.
size_t resource_live(void) SHARED(resource_live);
extern PyTypeObject Handle_Type;

// PENDING: lowered for a call that has not begun, so that it can still be taken back. An exported resource has a
// `Handle` only while it is pending: the host's new handle, which is dropped again if the call does not begin.
typedef enum { OWNED, BORROWED, PENDING, GIVEN_AWAY, DROPPED, ENDED } handle_state_t;

typedef struct handle {
  PyObject_HEAD
  size_t resource;
  uint32_t handle;
  uint32_t lent; // running calls that have borrowed it
  handle_state_t state;
  bool postponed;    // released, but not dropped while it has children
  uint32_t children; // handles that have this one among their parents
  struct handle *parents[MOST_PARENTS]; // strong
} Handle;

// Returns a handle to the host that nobody may use any more and that has no children.
void handle_give_back(Handle *handle);

// --- family.c: handles that must be dropped before others ----------------------------------------------------------

// Evaluates the types; runs after imports and resources are loaded.
void family_load(void);
// The argument that was just lowered is a handle lent to the call.
void family_lent(call_t *call);
// Adds a new handle that the call returns. -1 with an exception set.
int family_join(call_t *call, Handle *child);
// The handle is no longer ours: releases its parents, and drops those that waited for it.
void family_leave(Handle *child) SHARED(family_leave);

// --- errors.c ----------------------------------------------------------------------------------------------------

// Prints the current exception once and traps, because an exception left an export.
_Noreturn void die_of_exception(void) SHARED(die_of_exception);
// A broken invariant of ours.
_Noreturn void die_of_bug(const char *message) SHARED(die_of_bug);

// --- export.c, import.c: the halves of a call ----------------------------------------------------------------------

// Calls the application with the lifted arguments; NULL with an exception set.
PyObject *export_invoke(call_t *call, const export_t *export) SHARED(export_invoke);
// Lowers the result, or dies: `value` is NULL if an exception is set.
void export_lower(call_t *call, const export_t *export, PyObject *value) SHARED(export_lower);
int import_lower(call_t *call, const import_t *import, PyObject *const *arguments) SHARED(import_lower);
// From here on, new handles belong to the call. Returns the value to restore in `runtime.lifting` afterwards.
call_t *import_lifts(call_t *call, const import_t *import) SHARED(import_lifts);
// The result on the call's stack, in the form for Python code.
PyObject *import_lift(call_t *call, const import_t *import) SHARED(import_lift);
// The module through which bindings call imports.
PyMODINIT_FUNC PyInit_componentize_py_runtime(void);

// --- dl.c: native extensions, which are linked in -----------------------------------------------------------------

// Notes a library that the component needs, by the name passed to `dlopen`. While building only.
void dl_note(const char *file);

// --- builtins.c: CPython's built-in modules -----------------------------------------------------------------------

// Leaves out modules whose library is not linked: they have no function. Before the interpreter starts.
void builtins_leave_out_absent(void);
// Leaves out those of the modules with a separate library that are not needed, so that the linker can leave out the libraries. While
// building only. -1 with an exception set.
int builtins_leave_out(const strings_t *separate, PyObject *needed);

// --- measure.c ----------------------------------------------------------------------------------------------------

// From here on, the memory of modules is noted. -1 with an exception set.
int measure_start(void);

// --- refresh.c: what is fresh in each process ---------------------------------------------------------------------

void refresh_once(void) SHARED(refresh_once);
// Notes which libraries the application has asked for, or may still ask for.
void note_libraries(void);
// A list of `str`.
PyObject *list_of_texts(const strings_t *strings);
// Keeps a list of guest paths for `wanted-files`.
int files_want(PyObject *paths);
int refresh_before_snapshot(const settings_t *settings);
// -1 with an exception set.
int docstrings_strip(void);
int immortal_make(void);

#endif
