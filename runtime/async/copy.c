// Copies: reads and writes of streams and futures.
#include "async.h"

#include <stdlib.h>
#include <string.h>

// A read takes at most this much memory at once, whatever limit the application passes.
#define READ_BYTES (1 << 20)
// The canonical ABI cannot copy more at once.
#define MOST_ITEMS ((1 << 28) - 1)

// --- Reads -------------------------------------------------------------------------------------------------------

// The rest of a read that was cancelled after items had arrived, at most `limit` of them; NULL without exception if
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

// Within one component the canonical ABI copies only numbers, and traps otherwise.
static int check_partner(const End *end) {
  wit_type_t type = end->payload.element;
  bool is_number = type <= WIT_TYPE_F64 && type != WIT_TYPE_BOOL && type != WIT_TYPE_CHAR;
  if (!end->partner || !end->partner->busy || is_number || type == WIT_TYPE_EMPTY) {
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

PyObject *copy_read(End *end, Py_ssize_t limit) {
  if (end->is_future && end->kept) {
    PyObject *value = end->kept; // it arrived for a read that was cancelled
    end->kept = NULL;
    return done(value);
  }
  if (end_check(end) < 0 || operation_check_task() < 0) {
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
  Operation *operation = operation_begin(OPERATION_READ, end, NULL);
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
  return operation_outcome(operation, code == BLOCKED, code);
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

// Items with handles are passed one at a time: those that the other side does not take stay with the application.
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

// A new operation whose value is lowered, or NULL with an exception set. Lowering may run application code, so the end
// is already in use: that code cannot close it, pass it on, or write to it itself.
static Operation *prepare_write(End *end, PyObject *value, void **memory, size_t *count) {
  Operation *operation = operation_begin(OPERATION_WRITE, end, NULL);
  if (!operation) {
    return NULL;
  }
  *count = 1;
  end->busy = true;
  int status = end->is_future ? lower_future_value(operation, value, memory)
                              : lower_stream_items(operation, value, memory, count);
  if (status < 0) {
    lower_raise(&operation->call, end->is_future ? "future" : "stream", "write");
  } else {
    status = check_partner(end); // which application code may have begun to read
  }
  if (status < 0) {
    end->busy = false;
    Py_DECREF(operation);
    return NULL;
  }
  return operation;
}

PyObject *copy_write(End *end, PyObject *value) {
  if (end_check(end) < 0 || operation_check_task() < 0) {
    return NULL;
  }
  if (!end->is_future && end->peer_dropped) {
    return done(PyLong_FromLong(0));
  }
  void *memory;
  size_t count;
  Operation *operation = prepare_write(end, value, &memory, &count);
  if (!operation) {
    return NULL;
  }
  if (count == 0) {
    end->busy = false;
    Py_DECREF(operation);
    return done(PyLong_FromLong(0));
  }
  call_commit(&operation->call);
  uint32_t code = start_write(end, memory, count);
  return operation_outcome(operation, code == BLOCKED, code);
}

// The application's function runs while the end is closing, so that it cannot close or write it as well.
static Operation *prepare_default(End *end, void **memory) {
  PyObject *function = Py_XNewRef(end->default_value); // none is left if the collector has taken it
  end->busy = end->closing = true;
  PyObject *value = function ? PyObject_CallNoArgs(function) : NULL;
  size_t count;
  Operation *operation = value ? prepare_write(end, value, memory, &count) : NULL;
  Py_XDECREF(value);
  Py_XDECREF(function);
  if (!operation) {
    end->busy = false;
  }
  end->closing = false;
  if (!function && !PyErr_Occurred()) {
    PyErr_SetString(PyExc_RuntimeError, "this future was let go before it had a value");
  }
  return operation;
}

int copy_write_default(End *end) {
  void *memory;
  Operation *operation = prepare_default(end, &memory);
  if (!operation) {
    return -1;
  }
  call_commit(&operation->call);
  uint32_t code = start_write(end, memory, 1);
  PyObject *result;
  if (code == BLOCKED) {
    operation_set_running(operation, true);
    end->closing = true;
    result = PyObject_CallOneArg(loop_background, (PyObject *)operation);
  } else {
    result = operation_finish(operation, code);
  }
  Py_DECREF(operation);
  Py_XDECREF(result);
  return result ? 0 : -1;
}
