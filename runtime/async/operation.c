// Operations: calls of asynchronous imports, and the end of these and of copies.
//
// Each operation returns an awaitable. If the host completes it at once, it is done when the awaitable is made;
// otherwise loop.py waits for the event and passes its code to `finish`.
#include "async.h"

#include <stdlib.h>

Operation *operation_begin(operation_kind_t kind, End *end, const import_t *import) {
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
  // Still running, if nobody has begun to wait for it: the finalizer ends it.
  if (PyObject_CallFinalizerFromDealloc(self) < 0) {
    return;
  }
  call_end(&operation->call);
  free(operation->memory);
  Py_XDECREF(operation->end);
  PyObject_Free(self);
}

void operation_set_running(Operation *operation, bool running) {
  operation->running = running;
  if (operation->end) {
    operation->end->busy = running;
  }
}

// Takes back the handles that the other side did not take.
static void take_back(Operation *operation) {
  for (size_t i = 0; i < operation->call.held_count; i++) {
    end_take_back(operation->call.held[i]);
    resource_take_back(operation->call.held[i]);
  }
}

// --- How operations end ------------------------------------------------------------------------------------------

static PyObject *finish_call(Operation *operation, uint32_t code) {
  const import_t *import = operation->import;
  PyObject *result = NULL;
  if (code == SUBTASK_RETURNED) {
    call_t *outer = import_lifts(&operation->call, import);
    import->wit->async_lift_impl(&operation->call, operation->memory);
    runtime.lifting = outer;
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
  end_release(end, END_USED); // lifting may run application code, which must not read it again
  return end->payload.element == WIT_TYPE_EMPTY ? Py_NewRef(Py_None)
                                                : lift_load(end->payload.element, operation->memory);
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

// Releases at once what the operation held: an exception's traceback may keep the operation itself alive.
static void let_go(Operation *operation) {
  call_end(&operation->call);
  call_begin(&operation->call);
  free(operation->memory);
  operation->memory = NULL;
}

static PyObject *result_of(Operation *operation, uint32_t code) {
  End *end = operation->end;
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

PyObject *operation_finish(Operation *operation, uint32_t code) {
  operation_set_running(operation, false);
  PyObject *result = result_of(operation, code);
  PyObject *raised = PyErr_GetRaisedException(); // releasing objects may run application code
  let_go(operation);
  PyErr_SetRaisedException(raised);
  return result;
}

// The value to `await`, for an operation that began with this outcome.
PyObject *operation_outcome(Operation *operation, bool blocked, uint32_t code) {
  PyObject *awaitable;
  if (blocked) {
    operation_set_running(operation, true);
    awaitable = PyObject_CallOneArg(loop_wait, (PyObject *)operation);
  } else {
    PyObject *result = operation_finish(operation, code);
    awaitable = result ? PyObject_CallOneArg(loop_done, result) : NULL;
    Py_XDECREF(result);
  }
  Py_DECREF(operation);
  return awaitable;
}

// --- Calls -------------------------------------------------------------------------------------------------------

int operation_check_task(void) {
  if (builtin_context_get() != 0) {
    return 0;
  }
  PyErr_SetString(PyExc_RuntimeError, "asynchronous imports, streams and futures can be awaited only while an "
                                      "asynchronous export is running");
  return -1;
}

static Operation *start_call(size_t index, PyObject *const *arguments, uint32_t *state) {
  const import_t *import = &runtime.imports[index];
  Operation *operation = operation_check_task() < 0 ? NULL : operation_begin(OPERATION_CALL, NULL, import);
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
  return operation ? operation_outcome(operation, state < SUBTASK_RETURNED, state) : NULL;
}

PyObject *operation_start_call(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t Py_UNUSED(count)) {
  size_t index = PyLong_AsSize_t(arguments[0]);
  uint32_t state;
  Operation *operation = PyErr_Occurred() ? NULL : start_call(index, arguments + 1, &state);
  if (!operation) {
    return NULL;
  }
  if (state < SUBTASK_RETURNED) {
    operation_set_running(operation, true);
    return (PyObject *)operation;
  }
  PyObject *result = operation_finish(operation, state);
  Py_DECREF(operation);
  Py_XDECREF(result);
  return result ? Py_NewRef(Py_None) : NULL;
}

// --- For loop.py -------------------------------------------------------------------------------------------------

static PyObject *method_finish(PyObject *self, PyObject *code) {
  unsigned long value = PyLong_AsUnsignedLong(code);
  return PyErr_Occurred() ? NULL : operation_finish((Operation *)self, (uint32_t)value);
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

// Ends an operation that nobody waits for. Items that it read are kept for the next read.
static void abandon(Operation *operation, uint32_t code) {
  End *end = operation->end;
  bool cancelled = end ? (code & 0xf) == COPY_CANCELLED : code > SUBTASK_RETURNED;
  if (cancelled && end && end->is_future) {
    operation_set_running(operation, false);
    if (end->is_writer) {
      take_back(operation);
    }
    let_go(operation);
    return;
  }
  PyObject *result = operation_finish(operation, code);
  if (!result) {
    PyErr_Clear(); // that it was cancelled, or an `Err` that nobody waits for
  } else if (operation->kind == OPERATION_READ && (end->is_future || PySequence_Size(result) > 0)) {
    Py_XSETREF(end->kept, Py_NewRef(result));
  }
  Py_XDECREF(result);
}

// abandon(code)
static PyObject *method_abandon(PyObject *self, PyObject *code) {
  unsigned long value = PyLong_AsUnsignedLong(code);
  if (PyErr_Occurred()) {
    return NULL;
  }
  abandon((Operation *)self, (uint32_t)value);
  Py_RETURN_NONE;
}

// Nobody has begun to wait for it: a coroutine that was never awaited, or that an exception of a trace function ended
// before its first line.
static void operation_finalize(PyObject *self) {
  Operation *operation = (Operation *)self;
  if (operation->running) {
    PyObject *raised = PyErr_GetRaisedException();
    builtin_waitable_join(operation->waitable, 0);
    abandon(operation, cancel(operation));
    PyErr_SetRaisedException(raised);
  }
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
    .tp_finalize = operation_finalize,
    .tp_methods = methods,
    .tp_getset = properties,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = PyDoc_STR("A call, read or write that takes its time."),
};
