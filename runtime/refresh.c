// State that belongs to one process and must not come from the snapshot: the environment, the arguments, the random
// state, and the handles of files and streams.
#include "runtime.h"

#include <wasi/libc-environ.h>
#include <wasi/wasip2.h>

extern char **environ;
// From our wasi-libc (python-stdlib/patches): forgets every handle that the C library has cached.
extern void __wasilibc_reset_before_snapshot(void);
// Also ours: they zero the unused memory of the allocators.
extern void __wasilibc_blank_free_memory(void);
extern void _PyObject_BlankFreeMemory(void);
// Ours as well: they keep what an instance writes in few pages.
extern void _PyObject_SetAsideFreeMemory(void);
extern void _PyEval_StayCold(int instructions);

// Instructions that an instance runs before CPython specializes its code: a millisecond.
#define COLD_INSTRUCTIONS 100000

// Objects that exist now stay: the collector need not read or write them at run time. Leaves no module behind that the
// application has not imported.
static int freeze(void) {
  PyObject *modules = PyImport_GetModuleDict(); // borrowed
  PyObject *there = PyDict_GetItemString(modules, "gc"); // borrowed
  PyObject *collector = PyImport_ImportModule("gc");
  PyObject *result = collector && immortal_make() == 0 ? PyObject_CallMethod(collector, "freeze", NULL) : NULL;
  Py_XDECREF(collector);
  Py_XDECREF(result);
  return !result || (!there && PyDict_DelItemString(modules, "gc") < 0) ? -1 : 0;
}

static void note_all(PyObject *names) {
  for (Py_ssize_t i = 0; names && i < PyList_Size(names); i++) {
    const char *name = PyUnicode_AsUTF8(PyList_GetItem(names, i)); // borrowed
    if (name) {
      dl_note(name);
    }
  }
  Py_XDECREF(names);
  PyErr_Clear();
}

void note_libraries(void) { note_all(runtime.boot ? PyObject_CallMethod(runtime.boot, "libraries", NULL) : NULL); }

// Packs what the application may still import, and notes what it needs.
static int pack(const settings_t *settings) {
  PyObject *included = list_of_texts(&settings->included_modules);
  PyObject *needs = included ? PyObject_CallMethod(runtime.boot, "before_snapshot", "OO",
                                                   settings->whole_stdlib ? Py_True : Py_False, included)
                             : NULL;
  PyObject *libraries, *files; // borrowed
  int status = needs && PyArg_ParseTuple(needs, "OO", &libraries, &files) ? files_want(files) : -1;
  if (status == 0) {
    status = builtins_leave_out(&settings->native_modules, libraries);
  }
  if (status == 0) {
    note_all(Py_NewRef(libraries));
  }
  Py_XDECREF(needs);
  Py_XDECREF(included);
  return status;
}

int refresh_before_snapshot(const settings_t *settings) {
  if (pack(settings) < 0) {
    return -1;
  }
  PyObject *plain = PyObject_CallMethod(runtime.boot, "is_plain", NULL);
  if (!plain) {
    return -1;
  }
  runtime.plain = plain == Py_True;
  Py_DECREF(plain);
  if (settings->strip_docstrings && docstrings_strip() < 0) {
    return -1;
  }
  PyType_ClearCache(); // holds names that nobody else needs
  PyGC_Collect();
  if (freeze() < 0) {
    return -1;
  }
  PyGC_Collect(); // clears the lists of free objects
  __wasilibc_reset_before_snapshot();
  _PyObject_SetAsideFreeMemory();
  _PyEval_StayCold(COLD_INSTRUCTIONS);
  _PyObject_BlankFreeMemory();
  __wasilibc_blank_free_memory();
  return 0;
}

static PyObject *arguments(void) {
  wasip2_list_string_t given;
  environment_get_arguments(&given);
  PyObject *list = PyList_New(0);
  for (size_t i = 0; list && i < given.len; i++) {
    PyObject *item = PyUnicode_DecodeUTF8((const char *)given.ptr[i].ptr, (Py_ssize_t)given.ptr[i].len, "surrogateescape");
    if (!item || PyList_Append(list, item) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(item);
  }
  wasip2_list_string_free(&given);
  return list;
}

// Returns true if this process has nothing that the snapshot lacks: no arguments and no environment. Then there is nothing to
// refresh, unless the application has changed either or has random numbers.
static bool is_as_built(void) {
  if (!runtime.plain) {
    return false;
  }
  wasip2_list_string_t given;
  environment_get_arguments(&given);
  bool none = given.len == 0;
  wasip2_list_string_free(&given);
  if (none) {
    wasip2_list_tuple2_string_string_t variables;
    environment_get_environment(&variables);
    none = variables.len == 0;
    wasip2_list_tuple2_string_string_free(&variables);
  }
  return none;
}

void refresh_once(void) {
  if (runtime.refreshed) {
    return;
  }
  runtime.refreshed = true;
  if (is_as_built()) {
    return;
  }
  __wasilibc_deinitialize_environ();
  __wasilibc_initialize_environ();
  PyObject *argv = arguments();
  PyObject *result = argv ? PyObject_CallMethod(runtime.boot, "refresh", "O", argv) : NULL;
  Py_XDECREF(argv);
  if (!result) {
    die_of_exception();
  }
  Py_DECREF(result);
}
