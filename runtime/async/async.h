// The part of the runtime for worlds with asynchronous functions, streams or futures. It is a separate library, since
// hosts without the asynchronous ABI must be able to run the other components.
//
// An `Operation` is something to wait for: a call of an import, or a read or write of a stream or future. It begins in
// C. If the host says that it is blocked, `loop.py` waits for the event and finishes it.
#ifndef COMPONENTIZE_PY_ASYNC_H
#define COMPONENTIZE_PY_ASYNC_H

#include "../runtime.h"

// --- The canonical ABI's built-in functions (Component Model, "Canonical Built-ins") -----------------------------

#define BUILTIN(name) __attribute__((import_module("$root"), import_name(name))) extern

BUILTIN("[context-get-0]") uint32_t builtin_context_get(void);
BUILTIN("[context-set-0]") void builtin_context_set(uint32_t value);
BUILTIN("[waitable-set-new]") uint32_t builtin_waitable_set_new(void);
BUILTIN("[waitable-set-poll]") uint32_t builtin_waitable_set_poll(uint32_t set, uint32_t event[2]);
BUILTIN("[waitable-set-wait]") uint32_t builtin_waitable_set_wait(uint32_t set, uint32_t event[2]);
BUILTIN("[waitable-set-drop]") void builtin_waitable_set_drop(uint32_t set);
BUILTIN("[waitable-join]") void builtin_waitable_join(uint32_t waitable, uint32_t set);
BUILTIN("[subtask-drop]") void builtin_subtask_drop(uint32_t subtask);
BUILTIN("[subtask-cancel]") uint32_t builtin_subtask_cancel(uint32_t subtask);
// A future without payload, with which one call wakes another.
BUILTIN("[future-new-unit]wake") uint64_t builtin_wake_new(void);
BUILTIN("[async-lower][future-read-unit]wake") uint32_t builtin_wake_read(uint32_t end, void *buffer);
BUILTIN("[async-lower][future-write-unit]wake") uint32_t builtin_wake_write(uint32_t end, const void *buffer);
BUILTIN("[future-drop-readable-unit]wake") void builtin_wake_drop_readable(uint32_t end);
BUILTIN("[future-drop-writable-unit]wake") void builtin_wake_drop_writable(uint32_t end);
__attribute__((import_module("[export]$root"), import_name("[task-cancel]"))) extern void builtin_task_cancel(void);

// Returned by the start of a read or write that has to wait.
#define BLOCKED UINT32_MAX

// The outcome of a copy, in the low four bits of its code; the other bits count the copied items.
typedef enum { COPY_COMPLETED, COPY_DROPPED, COPY_CANCELLED } copy_result_t;

typedef enum {
  SUBTASK_STARTING,
  SUBTASK_STARTED,
  SUBTASK_RETURNED,
  SUBTASK_START_CANCELLED,
  SUBTASK_RETURN_CANCELLED
} subtask_state_t;

// --- end.c: the ends of streams and futures ----------------------------------------------------------------------

typedef enum { END_OWNED, END_PENDING, END_GIVEN_AWAY, END_DROPPED, END_USED } end_state_t;

typedef struct end {
  PyObject_HEAD
  bool is_future;
  bool is_writer;
  bool busy;        // an operation is running
  bool closing;     // the one that sends a future's default
  bool peer_dropped;
  end_state_t state;
  size_t index; // in `wit->streams` or `wit->futures`
  uint32_t handle;
  list_t payload;          // its type and layout; WIT_TYPE_EMPTY without payload
  struct end *partner;     // the other end, borrowed, as long as both are objects here
  PyObject *default_value; // for a future's writer: returns the value to send if nothing was written
  PyObject *kept;          // items that arrived for a read that was cancelled
} End;

extern PyTypeObject End_Type;

// The ends of a new stream or future, writer first.
PyObject *end_new_pair(bool is_future, size_t index, PyObject *default_value);
PyObject *end_lift(bool is_future, size_t index, uint32_t handle);
int end_lower(call_t *call, bool is_future, size_t index, PyObject *value, uint32_t *handle);
void end_discard(bool is_future, size_t index, uint32_t handle);
void end_commit(PyObject *held);
void end_let_go(PyObject *held);
// Undoes `end_commit`: the other side did not take it.
void end_take_back(PyObject *held);
size_t end_live(void);
// -1 with an exception set if the end cannot be used now.
int end_check(const End *end);
// Drops the handle, if it is still ours and not in use.
void end_release(End *end, end_state_t next);
// Returns true if values of the type hold handles, which are given away one at a time.
bool type_holds_handles(wit_type_t type);
bool types_equal(wit_type_t one, wit_type_t other);

// --- operation.c -------------------------------------------------------------------------------------------------

typedef enum { OPERATION_CALL, OPERATION_READ, OPERATION_WRITE } operation_kind_t;

typedef struct {
  PyObject_HEAD
  operation_kind_t kind;
  bool running;
  uint32_t waitable;
  End *end;               // for reads and writes
  const import_t *import; // for calls
  call_t call;            // the lowered values, and the place where results are lifted
  uint8_t *memory;        // receives results or items
} Operation;

extern PyTypeObject Operation_Type;

// An awaitable, or NULL with an exception set.
PyObject *operation_call(size_t index, PyObject *const *arguments, size_t count);
// A new operation on an end or of an import; NULL with an exception set.
Operation *operation_begin(operation_kind_t kind, End *end, const import_t *import);
void operation_set_running(Operation *operation, bool running);
// Only a task of an asynchronous export may wait: -1 with an exception set otherwise.
int operation_check_task(void);
// The result of an operation that ended with this code.
PyObject *operation_finish(Operation *operation, uint32_t code);
// The value to `await`, for an operation that began with this outcome. Steals the operation.
PyObject *operation_outcome(Operation *operation, bool blocked, uint32_t code);
// start_call(index, *arguments): the operation, or None if it is done; for loop.py's clock.
PyObject *operation_start_call(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

// --- copy.c ------------------------------------------------------------------------------------------------------

// The methods `read` and `write` of an end.
PyObject *copy_read(End *end, Py_ssize_t limit);
PyObject *copy_write(End *end, PyObject *value);
// Writes a future's default value in the background, because its writer has been released.
int copy_write_default(End *end);

// --- task.c ------------------------------------------------------------------------------------------------------

// `wait(operation)` and `background(operation)` of loop.py.
extern PyObject *loop_wait;
extern PyObject *loop_done;
extern PyObject *loop_background;
// The classes that applications see.
typedef struct {
  PyObject *stream_reader, *stream_writer, *byte_stream_reader, *byte_stream_writer, *future_reader, *future_writer;
} end_classes_t;
extern end_classes_t end_classes;
extern PyObject *end_attribute; // interned "_end"

#endif
