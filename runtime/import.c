// `componentize_py_runtime`: the functions that generated bindings call.
#include "runtime.h"

#include <string.h>

// In Python a function's `result` is not a value: its payload is returned, or `Err` is raised. Steals `value`.
static PyObject *unwrap_result(PyObject *value) {
  if ((PyObject *)Py_TYPE(value) == runtime.err) {
    PyErr_SetObject(runtime.err, value);
    Py_DECREF(value);
    return NULL;
  }
  PyObject *payload = PyObject_GetAttr(value, runtime.value);
  Py_DECREF(value);
  return payload;
}

int import_lower(call_t *call, const import_t *import, PyObject *const *arguments) {
  call->head_awaited = import->headed;
  for (size_t i = 0; i < import->wit->nparams; i++) {
    if (lower_value(call, import->types[i], arguments[i]) < 0) {
      if (call->error) {
        char what[96];
        PyOS_snprintf(what, sizeof what, "parameter `%s`", import->params[i]);
        lower_raise(call, import->name, what);
      }
      return -1;
    }
    if (import->gives_handles && WIT_TYPE_KIND(import->types[i]) == WIT_TYPE_BORROW) {
      family_lent(call);
    }
  }
  return 0;
}

call_t *import_lifts(call_t *call, const import_t *import) {
  call_t *outer = runtime.lifting; // lifting may run application code, which may call imports
  runtime.lifting = import->gives_handles ? call : NULL;
  return outer;
}

PyObject *import_lift(call_t *call, const import_t *import) {
  if (call->failed) {
    return NULL;
  }
  PyObject *result = import->result == WIT_TYPE_EMPTY ? Py_NewRef(Py_None) : call_pop(call);
  return WIT_TYPE_KIND(import->result) == WIT_TYPE_RESULT ? unwrap_result(result) : result;
}

static PyObject *call_imported(const import_t *import, PyObject *const *arguments) {
  call_t call;
  call_begin(&call);
  PyObject *result = NULL;
  if (import_lower(&call, import, arguments) == 0) {
    call_commit(&call);
    call_t *outer = import_lifts(&call, import);
    runtime.running = false;
    import->wit->impl(&call);
    runtime.running = true;
    runtime.lifting = outer;
    result = import_lift(&call, import);
  }
  call_end(&call);
  return result;
}

// A constructor fills the instance that Python has already made. The class's own `__init__` calls it.
static PyObject *call_constructor(const import_t *import, PyObject *self, PyObject *const *arguments) {
  PyObject *made = call_imported(import, arguments);
  PyObject *handle = made ? PyObject_GetAttr(made, runtime.handle) : NULL;
  // The instance that the call made is released, and its finalizer must not find a handle to drop.
  int status = handle ? PyObject_DelAttr(made, runtime.handle) : -1;
  Py_XDECREF(made);
  status = status < 0 ? status : PyObject_SetAttr(self, runtime.handle, handle);
  Py_XDECREF(handle);
  return status < 0 ? NULL : Py_NewRef(Py_None);
}

static Py_ssize_t import_index(PyObject *number) {
  if (PyLong_CheckExact(number) && PyUnstable_Long_IsCompact((PyLongObject *)number)) {
    return PyUnstable_Long_CompactValue((PyLongObject *)number);
  }
  return PyLong_AsSsize_t(number);
}

// Raises what tells a build from a run: `boot.py` reads the import's name from the exception.
static PyObject *raise_unavailable(const import_t *import) {
  PyErr_Format(PyExc_RuntimeError,
               "the import `%s` was called while the component is being built: no host is there to answer it. "
               "Call it from an exported function, not at the top level of a module",
               import->name);
  PyObject *raised = PyErr_GetRaisedException(); // new
  PyObject *name = PyUnicode_FromString(import->name); // new
  if (!name || PyObject_SetAttrString(raised, "componentize_py_import", name) < 0) {
    PyErr_Clear(); // the message says it, too
  }
  Py_XDECREF(name);
  PyErr_SetRaisedException(raised); // takes the reference
  return NULL;
}

// call_import(index, *arguments)
static PyObject *call_import(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count) {
  Py_ssize_t index = count > 0 ? import_index(arguments[0]) : -1;
  if (index < 0 || !runtime.imports || (size_t)index >= runtime.wit->num_import_funcs) {
    if (!PyErr_Occurred()) {
      PyErr_SetString(PyExc_RuntimeError, "no such import: the bindings belong to another component");
    }
    return NULL;
  }
  const import_t *import = &runtime.imports[index];
  size_t expected = import->wit->nparams + (import->constructor ? 1 : 0);
  if ((size_t)(count - 1) != expected) {
    PyErr_Format(PyExc_TypeError, "%s takes %zu arguments, got %zd", import->name, expected, count - 1);
    return NULL;
  }
  if (runtime.building && !import->available) {
    return raise_unavailable(import);
  }
  if (import->wit->async_impl) {
    return runtime.async->call_import((size_t)index, arguments + 1, (size_t)(count - 1));
  }
  return import->constructor ? call_constructor(import, arguments[1], arguments + 2) : call_imported(import, arguments + 1);
}

// live(): the bytes and handles that are still to be freed or dropped, so that a test can detect a leak.
static PyObject *live(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  size_t lifted, lowered;
  call_live(&lifted, &lowered);
  return Py_BuildValue("{s:n,s:n,s:n}", "lifted", (Py_ssize_t)lifted, "lowered", (Py_ssize_t)lowered, "handles",
                       (Py_ssize_t)(resource_live() + (runtime.async ? runtime.async->live() : 0)));
}

static PyMethodDef methods[] = {
    {"call_import", (PyCFunction)(void (*)(void))call_import, METH_FASTCALL,
     PyDoc_STR("call_import(index, *arguments): calls an imported function.")},
    {"resource_drop", resource_drop, METH_O,
     PyDoc_STR("resource_drop(object): drops an imported resource; doing so again does nothing.")},
    {"live", live, METH_NOARGS,
     PyDoc_STR("live(): bytes lifted and not freed, bytes lowered and not freed, and open handles.")},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "componentize_py_runtime",
    .m_doc = PyDoc_STR("What generated bindings call; not meant for applications."),
    .m_size = -1,
    .m_methods = methods,
};

// Their indices, for the class written in Python.
static int add_error_context(PyObject *module) {
  for (size_t i = 0; i < runtime.wit->num_import_funcs; i++) {
    const wit_import_func_t *function = &runtime.wit->import_funcs[i];
    if (!function->interface || strcmp(function->interface, ERROR_CONTEXT_INTERFACE) != 0) {
      continue;
    }
    bool makes = strncmp(function->name, "[constructor]", 13) == 0;
    if (PyModule_AddIntConstant(module, makes ? "ERROR_CONTEXT_NEW" : "ERROR_CONTEXT_DEBUG_MESSAGE", (long)i) < 0) {
      return -1;
    }
  }
  return 0;
}

PyMODINIT_FUNC PyInit_componentize_py_runtime(void) {
  PyObject *result = PyModule_Create(&module);
  if (result && (PyModule_AddType(result, &Handle_Type) < 0 || add_error_context(result) < 0 ||
                 (runtime.async && runtime.async->add_to_module(result) < 0))) {
    Py_CLEAR(result);
  }
  return result;
}
