// CPython's table of built-in modules, without those whose library is not in the component.
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE
#endif
#include "runtime.h"

// Not all static functions of CPython's internal headers are used here.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-parameter"
#pragma clang diagnostic ignored "-Wsign-compare"
#include "pycore_runtime.h"
#pragma clang diagnostic pop

void builtins_leave_out_absent(void) {
  struct _inittab *kept = PyImport_Inittab;
  for (const struct _inittab *module = PyImport_Inittab; module->name; module++) {
    // Two modules never have a function.
    if (module->initfunc || strcmp(module->name, "builtins") == 0 || strcmp(module->name, "sys") == 0) {
      *kept++ = *module;
    }
  }
  *kept = (struct _inittab){NULL, NULL};
}

static bool is_one_of(const strings_t *names, const char *name) {
  for (size_t i = 0; i < names->count; i++) {
    const string_t text = names->items[i];
    if (text.length == strlen(name) && memcmp(text.bytes, name, text.length) == 0) {
      return true;
    }
  }
  return false;
}

int builtins_leave_out(const strings_t *separate, PyObject *needed) {
  PyObject *names = PySet_New(needed);
  PyObject *listed = PyList_New(0);
  // The interpreter has a copy of PyImport_Inittab.
  struct _inittab *kept = _PyRuntime.imports.inittab;
  for (const struct _inittab *module = kept; names && listed && module->name; module++) {
    PyObject *name = PyUnicode_FromString(module->name);
    int stays = !name ? -1 : is_one_of(separate, module->name) ? PySet_Contains(names, name) : 1;
    if (stays < 0 || (stays && PyList_Append(listed, name) < 0)) {
      Py_CLEAR(listed);
    } else if (stays) {
      *kept++ = *module;
    }
    Py_XDECREF(name);
  }
  int status = -1;
  if (names && listed) {
    *kept = (struct _inittab){NULL, NULL};
    PyObject *sorted = PyList_Sort(listed) == 0 ? PyList_AsTuple(listed) : NULL;
    status = sorted ? PySys_SetObject("builtin_module_names", sorted) : -1;
    Py_XDECREF(sorted);
  }
  Py_XDECREF(listed);
  Py_XDECREF(names);
  return status;
}
