// What belongs to one process and must not come from the snapshot: the environment, the arguments, the random state,
// and the handles of files and streams.
#include "runtime.h"

#include <wasi/libc-environ.h>
#include <wasi/wasip2.h>

extern char **environ;
// Of our wasi-libc (python-stdlib/patches): forgets every handle that the C library has cached.
extern void __wasilibc_reset_before_snapshot(void);

int refresh_before_snapshot(void) {
  // Paths of the extensions that may yet be imported.
  PyObject *extensions = PyObject_CallMethod(runtime.boot, "before_snapshot", NULL);
  if (!extensions) {
    return -1;
  }
  for (Py_ssize_t i = 0; i < PyList_Size(extensions); i++) {
    const char *path = PyUnicode_AsUTF8(PyList_GetItem(extensions, i)); // borrowed
    if (!path) {
      Py_DECREF(extensions);
      return -1;
    }
    dl_note(path);
  }
  Py_DECREF(extensions);
  PyGC_Collect();
  __wasilibc_reset_before_snapshot();
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

void refresh_once(void) {
  if (runtime.refreshed) {
    return;
  }
  runtime.refreshed = true;
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
