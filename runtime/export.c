// Calls of the application's exports.
#include "runtime.h"

#include <stdlib.h>

EXPORTED void wit_dylib_initialize(const wit_t *wit) { runtime.wit = wit; }

// Calls do not nest in practice, so one context is kept.
static call_t first_call;

EXPORTED void *wit_dylib_export_start(size_t which) {
  if (!runtime.exports) {
    die_of_bug("an export was called before the component was initialised");
  }
  (void)which;
  runtime.running = true; // the arguments are complete; later allocations belong to libc
  refresh_once();
  resource_end_returned();
  call_t *call = &first_call;
  if (call->in_use && !(call = malloc(sizeof *call))) {
    die_of_bug("out of memory for a call");
  }
  call_begin(call);
  return call;
}

EXPORTED void wit_dylib_export_finish(void *cx, size_t which) {
  (void)which;
  call_end(cx);
  if (cx != &first_call) {
    free(cx);
  }
}

// Puts one case of the `result` that a function returns on the tape.
static int lower_result(call_t *call, wit_type_t type, uint32_t tag, PyObject *payload) {
  wit_type_t payload_type = type_sum(type)->cases[tag].type;
  if (call_write(call, tag) < 0) {
    return -1;
  }
  return payload_type == WIT_TYPE_EMPTY ? 0 : lower_value(call, payload_type, payload);
}

// An exception leaves the export: its payload is the error case if it is an `Err` and the function has one.
static int lower_raised(call_t *call, const export_t *export) {
  if (WIT_TYPE_KIND(export->result) != WIT_TYPE_RESULT || !PyErr_ExceptionMatches(runtime.err)) {
    return -1;
  }
  PyObject *raised = PyErr_GetRaisedException();
  PyObject *payload = PyObject_GetAttr(raised, runtime.value);
  int status = payload ? lower_result(call, export->result, 1, payload) : -1;
  Py_XDECREF(payload);
  if (status < 0) {
    // The payload has another type: the traceback shows where it was raised.
    lower_raise(call, export->name, "raised `Err`");
    PyObject *reason = PyErr_GetRaisedException();
    PyException_SetCause(reason, Py_NewRef(raised));
    PyErr_SetRaisedException(reason);
  }
  Py_DECREF(raised);
  return status;
}

static int lower_returned(call_t *call, const export_t *export, PyObject *value) {
  int status = 0;
  if (WIT_TYPE_KIND(export->result) == WIT_TYPE_RESULT) {
    status = lower_result(call, export->result, 0, value);
  } else if (export->result != WIT_TYPE_EMPTY) {
    status = lower_value(call, export->result, value);
  }
  if (status < 0) {
    lower_raise(call, export->name, "result");
  }
  return status;
}

_Static_assert(offsetof(call_t, inline_stack) == offsetof(call_t, receiver) + sizeof(PyObject *), "it stands in front");

PyObject *export_invoke(call_t *call, const export_t *export) {
  if (call->failed) { // an argument could not be lifted
    return NULL;
  }
  // A bound method puts its `self` in front of the arguments if there is room, and need not copy them.
  size_t offset = call->stack == call->inline_stack ? PY_VECTORCALL_ARGUMENTS_OFFSET : 0;
  return export->method_of_resource
             ? PyObject_VectorcallMethod(export->callable, call->stack, export->wit->nparams, NULL)
             : PyObject_Vectorcall(export->callable, call->stack, export->wit->nparams | offset, NULL);
}

void export_lower(call_t *call, const export_t *export, PyObject *value) {
  if ((value ? lower_returned(call, export, value) : lower_raised(call, export)) < 0 || resource_keep_returned(call) < 0) {
    die_of_exception();
  }
  call_commit(call);
  resource_part(call); // not in its post-return, where nothing may be dropped
}

EXPORTED void wit_dylib_export_call(void *cx, size_t which) {
  call_t *call = cx;
  const export_t *export = &runtime.exports[which];
  PyObject *borrows = resource_take_borrows();
  PyObject *value = export_invoke(call, export);
  export_lower(call, export, value);
  Py_XDECREF(value);
  // Arguments are released with the call, not with its post-return, so that their borrows end in time.
  while (call->depth > 0) {
    Py_DECREF(call_pop(call));
  }
  resource_end_borrows(borrows);
  runtime.running = false;
}

// --- Asynchronous functions: another library knows how, where there are any ----------------------------------------

EXPORTED uint32_t wit_dylib_export_async_call(void *cx, size_t which) { return runtime.async->export_call(cx, which); }

EXPORTED uint32_t wit_dylib_export_async_callback(uint32_t event, uint32_t waitable, uint32_t code, size_t which) {
  (void)which;
  return runtime.async->export_callback(event, waitable, code);
}
