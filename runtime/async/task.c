// Asynchronous exports: the glue's entry points, and the canonical ABI's functions for loop.py. Each call of such an
// export is a task of the Component Model, driven by its callback; loop.py keeps the state of each.
#include "async.h"

PyObject *loop_wait, *loop_done, *loop_background;
end_classes_t end_classes;
PyObject *end_attribute;
static PyObject *loop_begin, *loop_resume;

// --- Entry points ------------------------------------------------------------------------------------------------

// The callback's code in `result`. Exceptions of the loop are fatal.
static uint32_t callback_code(PyObject *result) {
  runtime.running = false;
  unsigned long code = result ? PyLong_AsUnsignedLong(result) : 0;
  if (!result || PyErr_Occurred()) {
    die_of_exception();
  }
  Py_DECREF(result);
  return (uint32_t)code;
}

static uint32_t export_call(call_t *call, size_t which) {
  PyObject *borrows = resource_take_borrows();
  PyObject *coroutine = export_invoke(call, &runtime.exports[which]);
  if (!coroutine) {
    die_of_exception();
  }
  wit_dylib_export_finish(call, which);
  // From here on only the coroutine refers to its arguments.
  PyObject *result = PyObject_CallFunction(loop_begin, "nNN", (Py_ssize_t)which, coroutine,
                                           borrows ? borrows : Py_NewRef(Py_None));
  return callback_code(result);
}

static uint32_t export_callback(uint32_t event, uint32_t waitable, uint32_t code) {
  runtime.running = true;
  PyObject *task = (PyObject *)(uintptr_t)builtin_context_get(); // loop.py keeps it alive
  return callback_code(PyObject_CallFunction(loop_resume, "OIII", task, event, waitable, code));
}

// --- What loop.py calls ------------------------------------------------------------------------------------------

// A task may not return while it holds borrowed handles.
static void end_borrows(PyObject *borrows) {
  if (borrows == Py_None) {
    return;
  }
  if (resource_check_lent(borrows) < 0) {
    die_of_exception();
  }
  resource_end_borrows(Py_NewRef(borrows));
}

// Lowers the outcome of a call and passes it to the host; `value` is NULL if an exception is set.
static PyObject *give_back(PyObject *const *arguments, PyObject *value) {
  size_t which = PyLong_AsSize_t(arguments[0]);
  const export_t *export = &runtime.exports[which];
  call_t call;
  call_begin(&call);
  export_lower(&call, export, value);
  end_borrows(arguments[1]);
  export->wit->task_return(&call);
  call_end(&call);
  Py_RETURN_NONE;
}

// task_return(which, borrows, value)
static PyObject *task_return(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t Py_UNUSED(count)) {
  return give_back(arguments, arguments[2]);
}

// task_raise(which, borrows, exception): an `Err` is a result, any other exception is fatal.
static PyObject *task_raise(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t Py_UNUSED(count)) {
  PyErr_SetRaisedException(Py_NewRef(arguments[2]));
  return give_back(arguments, NULL);
}

// task_cancel(borrows): the host asked for it.
static PyObject *task_cancel(PyObject *Py_UNUSED(module), PyObject *borrows) {
  end_borrows(borrows);
  builtin_task_cancel();
  Py_RETURN_NONE;
}

// context_set(object): sets the object that the callback gets back; the caller keeps it alive.
static PyObject *context_set(PyObject *Py_UNUSED(module), PyObject *object) {
  builtin_context_set((uint32_t)(uintptr_t)object);
  Py_RETURN_NONE;
}

static PyObject *set_new(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored)) {
  return PyLong_FromUnsignedLong(builtin_waitable_set_new());
}

static PyObject *set_drop(PyObject *Py_UNUSED(module), PyObject *set) {
  builtin_waitable_set_drop((uint32_t)PyLong_AsUnsignedLong(set));
  Py_RETURN_NONE;
}

// set_poll(set): (event, waitable, code); event 0 means none.
static PyObject *set_poll(PyObject *Py_UNUSED(module), PyObject *set) {
  uint32_t event[2] = {0, 0};
  uint32_t kind = builtin_waitable_set_poll((uint32_t)PyLong_AsUnsignedLong(set), event);
  return Py_BuildValue("(III)", kind, event[0], event[1]);
}

// set_wait(set): the same; waits until there is one, and holds up the whole instance.
static PyObject *set_wait(PyObject *Py_UNUSED(module), PyObject *set) {
  uint32_t event[2] = {0, 0};
  uint32_t kind = builtin_waitable_set_wait((uint32_t)PyLong_AsUnsignedLong(set), event);
  return Py_BuildValue("(III)", kind, event[0], event[1]);
}

// join(waitable, set): set 0 means none.
static PyObject *join(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t Py_UNUSED(count)) {
  builtin_waitable_join((uint32_t)PyLong_AsUnsignedLong(arguments[0]), (uint32_t)PyLong_AsUnsignedLong(arguments[1]));
  Py_RETURN_NONE;
}

// wake(set): makes an event for the task that waits on the set, and returns the handle that it names.
static PyObject *wake(PyObject *Py_UNUSED(module), PyObject *set) {
  uint64_t ends = builtin_wake_new();
  uint32_t reader = (uint32_t)ends, writer = (uint32_t)(ends >> 32);
  if (builtin_wake_read(reader, NULL) != BLOCKED) {
    die_of_bug("a future that nobody wrote has a value");
  }
  builtin_waitable_join(reader, (uint32_t)PyLong_AsUnsignedLong(set));
  if (builtin_wake_write(writer, NULL) == BLOCKED) {
    die_of_bug("a future that is being read takes no value");
  }
  builtin_wake_drop_writable(writer);
  return PyLong_FromUnsignedLong(reader);
}

static PyObject *wake_drop(PyObject *Py_UNUSED(module), PyObject *reader) {
  builtin_wake_drop_readable((uint32_t)PyLong_AsUnsignedLong(reader));
  Py_RETURN_NONE;
}

// --- The modules -------------------------------------------------------------------------------------------------

// The snapshot keeps no handles, so a stream made during the build would be invalid in the component.
static int check_running(void) {
  if (!runtime.building) {
    return 0;
  }
  PyErr_SetString(PyExc_RuntimeError, "streams and futures cannot be made while the component is being built: make them "
                                      "in an exported function, not at the top level of a module");
  return -1;
}

static int check_index(size_t index, size_t count) {
  if (!PyErr_Occurred() && index >= count) {
    PyErr_SetString(PyExc_RuntimeError, "no such stream or future: the bindings belong to another component");
  }
  return PyErr_Occurred() ? -1 : 0;
}

static PyObject *stream_new(PyObject *Py_UNUSED(module), PyObject *index) {
  size_t which = PyLong_AsSize_t(index);
  return check_index(which, runtime.wit->num_streams) < 0 || check_running() < 0 ? NULL
                                                                                 : end_new_pair(false, which, NULL);
}

static PyObject *future_new(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count) {
  if (count != 2) {
    return PyErr_Format(PyExc_TypeError, "future_new takes 2 arguments, got %zd", count);
  }
  size_t which = PyLong_AsSize_t(arguments[0]);
  if (check_index(which, runtime.wit->num_futures) < 0 || check_running() < 0) {
    return NULL;
  }
  if (!PyCallable_Check(arguments[1])) {
    return PyErr_Format(PyExc_TypeError, "the default of a future is a function that gives the value, such as "
                                         "`lambda: 0`, got %s", Py_TYPE(arguments[1])->tp_name);
  }
  return end_new_pair(true, which, arguments[1]);
}

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef loop_methods[] = {
    {"task_return", FAST(task_return), NULL}, {"task_raise", FAST(task_raise), NULL},
    {"task_cancel", task_cancel, METH_O, NULL}, {"context_set", context_set, METH_O, NULL},
    {"set_new", set_new, METH_NOARGS, NULL},    {"set_drop", set_drop, METH_O, NULL},
    {"set_poll", set_poll, METH_O, NULL},       {"set_wait", set_wait, METH_O, NULL},
    {"join", FAST(join), NULL},                 {"start_call", FAST(operation_start_call), NULL},
    {"wake", wake, METH_O, NULL},               {"wake_drop", wake_drop, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef public_methods[] = {
    {"stream_new", stream_new, METH_O, PyDoc_STR("stream_new(index): the writer and the reader of a new stream.")},
    {"future_new", FAST(future_new), PyDoc_STR("future_new(index, default): the same of a new future.")},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef loop_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_componentize_py_async",
    .m_doc = PyDoc_STR("The canonical ABI's built-in functions, for the event loop."),
    .m_size = -1,
    .m_methods = loop_methods,
};

static PyObject *init_loop_module(void) {
  PyObject *module = PyModule_Create(&loop_module);
  PyObject *clock = runtime.clock < 0 ? Py_NewRef(Py_None) : PyLong_FromSsize_t(runtime.clock);
  if (module && (!clock || PyModule_AddObjectRef(module, "CLOCK", clock) < 0)) {
    Py_CLEAR(module);
  }
  Py_XDECREF(clock);
  return module;
}

static int take(PyObject *module, const char *name, PyObject **target) {
  *target = PyObject_GetAttrString(module, name);
  return *target ? 0 : -1;
}

// Imports loop.py and the classes that applications see; while building.
static int load(void) {
  PyObject *streams = PyImport_ImportModule("componentize_py_async_support.streams");
  PyObject *futures = streams ? PyImport_ImportModule("componentize_py_async_support.futures") : NULL;
  PyObject *loop = futures ? PyImport_ImportModule("_componentize_py_loop") : NULL;
  end_attribute = PyUnicode_InternFromString("_end");
  int status = loop && end_attribute ? 0 : -1;
  if (status == 0 &&
      (take(streams, "StreamReader", &end_classes.stream_reader) < 0 ||
       take(streams, "StreamWriter", &end_classes.stream_writer) < 0 ||
       take(streams, "ByteStreamReader", &end_classes.byte_stream_reader) < 0 ||
       take(streams, "ByteStreamWriter", &end_classes.byte_stream_writer) < 0 ||
       take(futures, "FutureReader", &end_classes.future_reader) < 0 ||
       take(futures, "FutureWriter", &end_classes.future_writer) < 0 || take(loop, "begin", &loop_begin) < 0 ||
       take(loop, "resume", &loop_resume) < 0 || take(loop, "wait", &loop_wait) < 0 ||
       take(loop, "done", &loop_done) < 0 || take(loop, "background", &loop_background) < 0)) {
    status = -1;
  }
  Py_XDECREF(loop);
  Py_XDECREF(futures);
  Py_XDECREF(streams);
  return status;
}

static int add_to_module(PyObject *module) {
  return PyModule_AddFunctions(module, public_methods) < 0 || PyModule_AddType(module, &End_Type) < 0 ||
                 PyType_Ready(&Operation_Type) < 0
             ? -1
             : 0;
}

static int add_modules(void) { return PyImport_AppendInittab("_componentize_py_async", init_loop_module); }

// --- Hooks -------------------------------------------------------------------------------------------------------

static PyObject *lift_stream(size_t index, uint32_t handle) { return end_lift(false, index, handle); }
static PyObject *lift_future(size_t index, uint32_t handle) { return end_lift(true, index, handle); }
static void discard_stream(size_t index, uint32_t handle) { end_discard(false, index, handle); }
static void discard_future(size_t index, uint32_t handle) { end_discard(true, index, handle); }

static int lower_stream(call_t *call, size_t index, PyObject *value, uint32_t *handle) {
  return end_lower(call, false, index, value, handle);
}

static int lower_future(call_t *call, size_t index, PyObject *value, uint32_t *handle) {
  return end_lower(call, true, index, value, handle);
}

static void commit(call_t *call, PyObject *held) {
  (void)call;
  end_commit(held);
}

__attribute__((constructor)) static void set_hooks(void) {
  static const async_hooks_t hooks = {
      .lift_stream = lift_stream,
      .lift_future = lift_future,
      .lower_stream = lower_stream,
      .lower_future = lower_future,
      .discard_stream = discard_stream,
      .discard_future = discard_future,
      .call_import = operation_call,
      .commit = commit,
      .let_go = end_let_go,
      .live = end_live,
      .export_call = export_call,
      .export_callback = export_callback,
      .add_modules = add_modules,
      .add_to_module = add_to_module,
      .load = load,
  };
  runtime.async = &hooks;
}
