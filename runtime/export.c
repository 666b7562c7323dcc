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
  refresh_once();
  call_t *call = &first_call;
  if (call->in_use && !(call = malloc(sizeof *call))) {
    die_of_bug("out of memory for a call");
  }
  call_begin(call);
  runtime.running = true;
  return call;
}

EXPORTED void wit_dylib_export_finish(void *cx, size_t which) {
  (void)which;
  call_end(cx);
  if (cx != &first_call) {
    free(cx);
  }
}

// The payload of a raised `Err`, as a new reference; NULL if another exception is set.
static PyObject *take_raised_err(void) {
  if (!PyErr_ExceptionMatches(runtime.err)) {
    return NULL;
  }
  PyObject *raised = PyErr_GetRaisedException();
  PyObject *payload = PyObject_GetAttr(raised, runtime.value);
  Py_DECREF(raised);
  return payload;
}

// Puts the outcome of a function that returns a `result` on the tape; `value` is NULL if it raised.
static int lower_result(call_t *call, wit_type_t type, PyObject *value) {
  PyObject *payload = value ? Py_NewRef(value) : take_raised_err();
  if (!payload) {
    return -1;
  }
  uint32_t tag = value ? 0 : 1;
  wit_type_t payload_type = type_sum(type)->cases[tag].type;
  int status = call_write(call, tag);
  if (status == 0 && payload_type != WIT_TYPE_EMPTY) {
    status = lower_value(call, payload_type, payload);
  }
  Py_DECREF(payload);
  return status;
}

EXPORTED void wit_dylib_export_call(void *cx, size_t which) {
  call_t *call = cx;
  const export_t *export = &runtime.exports[which];
  if (call->failed) { // an argument could not be lifted
    die_of_exception();
  }
  PyObject *value = export->method_of_resource
                        ? PyObject_VectorcallMethod(export->callable, call->stack, export->wit->nparams, NULL)
                        : PyObject_Vectorcall(export->callable, call->stack, export->wit->nparams, NULL);
  bool raised = !value;
  int status;
  if (WIT_TYPE_KIND(export->result) == WIT_TYPE_RESULT) {
    status = lower_result(call, export->result, value);
  } else if (raised) {
    status = -1;
  } else {
    status = export->result == WIT_TYPE_EMPTY ? 0 : lower_value(call, export->result, value);
  }
  Py_XDECREF(value);
  if (status < 0) {
    lower_raise(call, export->name, raised && call->error ? "raised `Err`" : "result");
    die_of_exception();
  }
  call_commit(call);
  // Arguments die with the call, not with its post-return, so that what they borrow ends in time.
  while (call->depth > 0) {
    Py_DECREF(call_pop(call));
  }
  resource_end_borrows();
  runtime.running = false;
}

// --- Asynchronous functions, which the planner refuses for now ----------------------------------------------------

EXPORTED uint32_t wit_dylib_export_async_call(void *cx, size_t which) {
  (void)cx;
  (void)which;
  die_of_bug("an asynchronous export in a synchronous component");
}

EXPORTED uint32_t wit_dylib_export_async_callback(uint32_t task, uint32_t event, uint32_t waitable, uint32_t code) {
  (void)task;
  (void)event;
  (void)waitable;
  (void)code;
  die_of_bug("an asynchronous event in a synchronous component");
}
