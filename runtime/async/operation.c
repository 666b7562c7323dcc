// Operations: calls of asynchronous imports, reads and writes of streams and futures.
//
// Each gives an awaitable. What the host does at once is done when the awaitable is made; for the rest, loop.py waits
// for the event and hands its code to `finish`.
#include "async.h"

#include <stdlib.h>
#include <string.h>

// Reading takes at most this much memory at once, whatever limit the application gives.
#define READ_BYTES (1 << 20)
// More cannot be copied at once, says the canonical ABI.
#define MOST_ITEMS ((1 << 28) - 1)

static Operation *begin(operation_kind_t kind, End *end, const import_t *import) {
  Operation *operation = PyObject_New(Operation, &Operation_Type);
  if (!operation) {
    return NULL;
  }
  operation->kind = kind;
  operation->running = false;
  operation->waitable = end ? end->handle : 0;
  operation->end = (End *)Py_XNewRef((PyObject *)end);
  operation->import = import;
  operation->memory = NULL;
  call_begin(&operation->call);
  return operation;
}

static void operation_dealloc(PyObject *self) {
  Operation *operation = (Operation *)self;
  if (operation->running) {
    die_of_bug("an operation that is running was let go");
  }
  call_end(&operation->call);
  free(operation->memory);
  Py_XDECREF(operation->end);
  PyObject_Free(self);
}

static void set_running(Operation *operation, bool running) {
  operation->running = running;
  if (operation->end) {
    operation->end->busy = running;
  }
}

// Takes back the handles that the other side was to get and did not.
static void take_back(Operation *operation) {
  for (size_t i = 0; i < operation->call.held_count; i++) {
    PyObject *held = operation->call.held[i];
    if (Py_IS_TYPE(held, &End_Type)) {
      End *end = (End *)held;
      end->state = end->state == END_GIVEN_AWAY ? END_OWNED : end->state;
    } else {
      resource_take_back(held);
    }
  }
}

// --- How operations end ------------------------------------------------------------------------------------------

static PyObject *finish_call(Operation *operation, uint32_t code) {
  const import_t *import = operation->import;
  PyObject *result = NULL;
  if (code == SUBTASK_RETURNED) {
    import->wit->async_lift_impl(&operation->call, operation->memory);
    result = import_lift(&operation->call, import);
  } else {
    if (code == SUBTASK_START_CANCELLED) {
      take_back(operation);
    }
    PyErr_Format(PyExc_RuntimeError, "%s: the call was cancelled", import->name);
  }
  if (operation->waitable) {
    builtin_subtask_drop(operation->waitable);
  }
  return result;
}

// The `count` items that arrived: bytes, or a list.
static PyObject *arrived(const Operation *operation, size_t count) {
  const End *end = operation->end;
  if (end->payload.element != WIT_TYPE_EMPTY) {
    return lift_items(&end->payload, operation->memory, count);
  }
  PyObject *list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list && i < count; i++) {
    PyList_SET_ITEM(list, (Py_ssize_t)i, Py_NewRef(Py_None));
  }
  return list;
}

static PyObject *finish_future_read(Operation *operation, uint32_t code) {
  End *end = operation->end;
  if ((code & 0xf) == COPY_CANCELLED) {
    PyErr_SetString(PyExc_RuntimeError, "the read was cancelled");
    return NULL;
  }
  PyObject *value = end->payload.element == WIT_TYPE_EMPTY ? Py_NewRef(Py_None)
                                                           : lift_load(end->payload.element, operation->memory);
  end_release(end, END_USED);
  return value;
}

static PyObject *finish_write(Operation *operation, uint32_t code) {
  End *end = operation->end;
  copy_result_t result = code & 0xf;
  uint32_t count = code >> 4;
  bool taken = end->is_future ? result == COPY_COMPLETED : count > 0;
  if (!taken) {
    take_back(operation);
  }
  end->peer_dropped |= result == COPY_DROPPED;
  if (!end->is_future) {
    return PyLong_FromUnsignedLong(count);
  }
  if (result != COPY_CANCELLED) {
    end_release(end, END_USED);
  }
  return PyBool_FromLong(taken);
}

static PyObject *finish(Operation *operation, uint32_t code) {
  End *end = operation->end;
  set_running(operation, false);
  switch (operation->kind) {
  case OPERATION_CALL:
    return finish_call(operation, code);
  case OPERATION_READ:
    if (end->is_future) {
      return finish_future_read(operation, code);
    }
    end->peer_dropped |= (code & 0xf) == COPY_DROPPED;
    return arrived(operation, code >> 4);
  case OPERATION_WRITE:
    return finish_write(operation, code);
  }
  die_of_bug("an operation of no kind");
}

// What `await` gives for an operation that was begun with this outcome.
static PyObject *outcome(Operation *operation, bool blocked, uint32_t code) {
  PyObject *awaitable;
  if (blocked) {
    set_running(operation, true);
    awaitable = PyObject_CallOneArg(loop_wait, (PyObject *)operation);
  } else {
    PyObject *result = finish(operation, code);
    awaitable = result ? PyObject_CallOneArg(loop_done, result) : NULL;
    Py_XDECREF(result);
  }
  Py_DECREF(operation);
  return awaitable;
}

// --- Calls -------------------------------------------------------------------------------------------------------

// Only a task of an asynchronous export may wait.
static int check_task(void) {
  if (builtin_context_get() != 0) {
    return 0;
  }
  PyErr_SetString(PyExc_RuntimeError, "asynchronous imports, streams and futures can be awaited only while an "
                                      "asynchronous export is running");
  return -1;
}

static Operation *start_call(size_t index, PyObject *const *arguments, uint32_t *state) {
  const import_t *import = &runtime.imports[index];
  Operation *operation = check_task() < 0 ? NULL : begin(OPERATION_CALL, NULL, import);
  if (!operation) {
    return NULL;
  }
  size_t size = import->wit->async_abi_area_size;
  operation->memory = calloc(1, size ? size : 1);
  if (!operation->memory || import_lower(&operation->call, import, arguments) < 0) {
    if (!operation->memory) {
      PyErr_NoMemory();
    }
    Py_DECREF(operation);
    return NULL;
  }
  call_commit(&operation->call);
  runtime.running = false;
  uint32_t status = import->wit->async_impl(&operation->call, operation->memory);
  runtime.running = true;
  operation->waitable = status >> 4;
  *state = status & 0xf;
  return operation;
}

PyObject *operation_call(size_t index, PyObject *const *arguments, size_t count) {
  (void)count;
  uint32_t state;
  Operation *operation = start_call(index, arguments, &state);
  return operation ? outcome(operation, state < SUBTASK_RETURNED, state) : NULL;
}

PyObject *operation_start_call(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t Py_UNUSED(count)) {
  size_t index = PyLong_AsSize_t(arguments[0]);
  uint32_t state;
  Operation *operation = PyErr_Occurred() ? NULL : start_call(index, arguments + 1, &state);
  if (!operation) {
    return NULL;
  }
  if (state < SUBTASK_RETURNED) {
    set_running(operation, true);
    return (PyObject *)operation;
  }
  PyObject *result = finish(operation, state);
  Py_DECREF(operation);
  Py_XDECREF(result);
  return result ? Py_NewRef(Py_None) : NULL;
}

// --- Reads -------------------------------------------------------------------------------------------------------

// What is left of a read that was cancelled after items had come, at most `limit` of them; NULL without exception if
// there is nothing.
static PyObject *take_kept(End *end, Py_ssize_t limit) {
  if (!end->kept) {
    return NULL;
  }
  PyObject *kept = end->kept;
  Py_ssize_t count = PySequence_Size(kept);
  end->kept = NULL;
  if (count <= limit) {
    return kept;
  }
  PyObject *taken = PySequence_GetSlice(kept, 0, limit);
  end->kept = PySequence_GetSlice(kept, limit, count);
  Py_DECREF(kept);
  return taken;
}

// Within one component the canonical ABI copies numbers only, and traps otherwise.
static int check_partner(const End *end) {
  if (!end->partner || !end->partner->busy || end->payload.element <= WIT_TYPE_F64 ||
      end->payload.element == WIT_TYPE_EMPTY) {
    return 0;
  }
  PyObject *shown = type_display((end->is_future ? WIT_TYPE_FUTURE : WIT_TYPE_STREAM) | (uint32_t)end->index << 8);
  if (shown) {
    PyErr_Format(PyExc_RuntimeError,
                 "both ends of this `%U` are used in the same component, which hosts allow for numbers only: "
                 "use an `asyncio.Queue` or `asyncio.Future` instead",
                 shown);
    Py_DECREF(shown);
  }
  return -1;
}

static PyObject *done(PyObject *result) {
  PyObject *awaitable = result ? PyObject_CallOneArg(loop_done, result) : NULL;
  Py_XDECREF(result);
  return awaitable;
}

static PyObject *nothing(const End *end) {
  bool bytes = end->payload.element == WIT_TYPE_U8 || end->payload.element == WIT_TYPE_S8;
  return bytes ? PyBytes_FromStringAndSize(NULL, 0) : PyList_New(0);
}

static uint32_t start_read(End *end, uint8_t *memory, size_t count) {
  if (end->is_future) {
    return runtime.wit->futures[end->index].read(end->handle, memory);
  }
  return runtime.wit->streams[end->index].read(end->handle, memory, count);
}

PyObject *operation_read(End *end, Py_ssize_t limit) {
  if (end->is_future && end->kept) {
    PyObject *value = end->kept; // it came for a read that was cancelled
    end->kept = NULL;
    return done(value);
  }
  if (end_check(end) < 0 || check_task() < 0) {
    return NULL;
  }
  if (limit < 0) {
    PyErr_SetString(PyExc_ValueError, "the number of items to read is negative");
    return NULL;
  }
  PyObject *kept = take_kept(end, limit);
  if (kept || PyErr_Occurred()) {
    return done(kept);
  }
  if (!end->is_future && (limit == 0 || end->peer_dropped)) {
    return done(nothing(end));
  }
  if (check_partner(end) < 0) {
    return NULL;
  }
  size_t size = end->payload.layout.size, count = end->is_future ? 1 : (size_t)limit;
  size_t most = size == 0 ? MOST_ITEMS : size > READ_BYTES ? 1 : READ_BYTES / size;
  count = count > most ? most : count;
  Operation *operation = begin(OPERATION_READ, end, NULL);
  if (!operation) {
    return NULL;
  }
  operation->memory = malloc(count * size ? count * size : 1);
  if (!operation->memory) {
    Py_DECREF(operation);
    return PyErr_NoMemory();
  }
  runtime.running = false;
  uint32_t code = start_read(end, operation->memory, count);
  runtime.running = true;
  return outcome(operation, code == BLOCKED, code);
}

// --- Writes ------------------------------------------------------------------------------------------------------

static int lower_future_value(Operation *operation, PyObject *value, void **memory) {
  const End *end = operation->end;
  *memory = call_alloc(&operation->call, end->payload.layout.size ? end->payload.layout.size : 1);
  if (!*memory) {
    return -1;
  }
  memset(*memory, 0, end->payload.layout.size);
  if (end->payload.element != WIT_TYPE_EMPTY) {
    return lower_store(&operation->call, end->payload.element, value, *memory);
  }
  if (value != Py_None) {
    PyErr_SetString(PyExc_TypeError, "this future carries nothing: write `None`");
    return -1;
  }
  return 0;
}

// Items with handles go one at a time: what the other side does not take stays with the application.
static int lower_stream_items(Operation *operation, PyObject *value, void **memory, size_t *count) {
  End *end = operation->end;
  if (end->payload.element == WIT_TYPE_EMPTY) {
    Py_ssize_t length = PySequence_Size(value);
    *memory = NULL;
    *count = length < 0 ? 0 : (size_t)length;
    return length < 0 ? -1 : 0;
  }
  PyObject *items = Py_NewRef(value);
  if (type_holds_handles(end->payload.element) && PySequence_Check(value)) {
    Py_SETREF(items, PySequence_GetSlice(value, 0, 1));
  }
  wit_type_t shown = WIT_TYPE_STREAM | (uint32_t)end->index << 8;
  int status = items ? lower_elements(&operation->call, &end->payload, shown, items, memory, count) : -1;
  Py_XDECREF(items);
  return status;
}

static uint32_t start_write(End *end, const void *memory, size_t count) {
  if (end->is_future) {
    return runtime.wit->futures[end->index].write(end->handle, memory);
  }
  return runtime.wit->streams[end->index].write(end->handle, memory, count > MOST_ITEMS ? MOST_ITEMS : count);
}

// A new operation whose value is lowered, or NULL with an exception set.
static Operation *prepare_write(End *end, PyObject *value, void **memory, size_t *count) {
  Operation *operation = begin(OPERATION_WRITE, end, NULL);
  if (!operation) {
    return NULL;
  }
  *count = 1;
  int status = end->is_future ? lower_future_value(operation, value, memory)
                              : lower_stream_items(operation, value, memory, count);
  if (status < 0) {
    lower_raise(&operation->call, end->is_future ? "future" : "stream", "write");
    Py_DECREF(operation);
    return NULL;
  }
  return operation;
}

PyObject *operation_write(End *end, PyObject *value) {
  if (end_check(end) < 0 || check_task() < 0) {
    return NULL;
  }
  if (!end->is_future && end->peer_dropped) {
    return done(PyLong_FromLong(0));
  }
  if (check_partner(end) < 0) {
    return NULL;
  }
  void *memory;
  size_t count;
  Operation *operation = prepare_write(end, value, &memory, &count);
  if (!operation) {
    return NULL;
  }
  if (count == 0) {
    Py_DECREF(operation);
    return done(PyLong_FromLong(0));
  }
  call_commit(&operation->call);
  uint32_t code = start_write(end, memory, count);
  return outcome(operation, code == BLOCKED, code);
}

int operation_write_default(End *end) {
  PyObject *value = PyObject_CallNoArgs(end->default_value);
  void *memory;
  size_t count;
  Operation *operation = value ? prepare_write(end, value, &memory, &count) : NULL;
  Py_XDECREF(value);
  if (!operation) {
    return -1;
  }
  call_commit(&operation->call);
  uint32_t code = start_write(end, memory, count);
  PyObject *result;
  if (code == BLOCKED) {
    set_running(operation, true);
    result = PyObject_CallOneArg(loop_background, (PyObject *)operation);
  } else {
    result = finish(operation, code);
  }
  Py_DECREF(operation);
  Py_XDECREF(result);
  return result ? 0 : -1;
}

// --- For loop.py -------------------------------------------------------------------------------------------------

static PyObject *method_finish(PyObject *self, PyObject *code) {
  unsigned long value = PyLong_AsUnsignedLong(code);
  return PyErr_Occurred() ? NULL : finish((Operation *)self, (uint32_t)value);
}

static uint32_t cancel(Operation *operation) {
  End *end = operation->end;
  if (!end) {
    return builtin_subtask_cancel(operation->waitable);
  }
  bool reads = operation->kind == OPERATION_READ;
  if (end->is_future) {
    const wit_future_t *wit = &runtime.wit->futures[end->index];
    return (reads ? wit->cancel_read : wit->cancel_write)(end->handle);
  }
  const wit_stream_t *wit = &runtime.wit->streams[end->index];
  return (reads ? wit->cancel_read : wit->cancel_write)(end->handle);
}

// cancel(): the code with which the operation ended. The waitable must not be in a set.
static PyObject *method_cancel(PyObject *self, PyObject *Py_UNUSED(ignored)) {
  return PyLong_FromUnsignedLong(cancel((Operation *)self));
}

// abandon(code): ends an operation that nobody waits for. What was read is kept for the next read.
static PyObject *method_abandon(PyObject *self, PyObject *code) {
  Operation *operation = (Operation *)self;
  unsigned long value = PyLong_AsUnsignedLong(code);
  if (PyErr_Occurred()) {
    return NULL;
  }
  End *end = operation->end;
  bool cancelled = end ? (value & 0xf) == COPY_CANCELLED : value > SUBTASK_RETURNED;
  if (cancelled && end && end->is_future) {
    set_running(operation, false);
    if (end->is_writer) {
      take_back(operation);
    }
    Py_RETURN_NONE;
  }
  PyObject *result = finish(operation, (uint32_t)value);
  if (!result) {
    PyErr_Clear(); // that it was cancelled, or an `Err` that nobody waits for
  } else if (operation->kind == OPERATION_READ && (end->is_future || PySequence_Size(result) > 0)) {
    end->kept = Py_NewRef(result);
  }
  Py_XDECREF(result);
  Py_RETURN_NONE;
}

static PyObject *get_waitable(PyObject *self, void *Py_UNUSED(closure)) {
  return PyLong_FromUnsignedLong(((Operation *)self)->waitable);
}

static PyMethodDef methods[] = {
    {"finish", method_finish, METH_O, PyDoc_STR("finish(code): the result.")},
    {"cancel", method_cancel, METH_NOARGS, PyDoc_STR("cancel(): the code with which the operation ended.")},
    {"abandon", method_abandon, METH_O, PyDoc_STR("abandon(code): nobody waits for the result.")},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"waitable", get_waitable, NULL, PyDoc_STR("The handle whose event ends the operation."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject Operation_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "componentize_py_runtime.Operation",
    .tp_basicsize = sizeof(Operation),
    .tp_dealloc = operation_dealloc,
    .tp_methods = methods,
    .tp_getset = properties,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = PyDoc_STR("A call, read or write that takes its time."),
};
