// The memory of each module, for the extra run of `--report`.
#include "runtime.h"

#include <string.h>

static measured_rows_t rows;

// A run that measures has as much memory as it likes and ends soon, so nothing is freed.
static bool copy_string(PyObject *text, string_t *copy) {
  Py_ssize_t length;
  const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
  char *own = bytes ? PyMem_RawMalloc((size_t)length + 1) : NULL;
  if (!own) {
    return false;
  }
  memcpy(own, bytes, (size_t)length);
  *copy = (string_t){own, (size_t)length};
  return true;
}

static bool copy_row(PyObject *tuple, measured_item_t *row) {
  int kind;
  PyObject *name, *package; // borrowed
  long long bytes;
  if (!PyArg_ParseTuple(tuple, "iUUL", &kind, &name, &package, &bytes)) {
    return false;
  }
  row->kind = (uint8_t)kind;
  row->bytes = bytes;
  return copy_string(name, &row->name) && copy_string(package, &row->package);
}

int measure_start(void) {
  runtime.measure = PyImport_ImportModule("_componentize_py_measure");
  PyObject *done = runtime.measure ? PyObject_CallMethod(runtime.measure, "start", NULL) : NULL;
  Py_XDECREF(done);
  return done ? 0 : -1;
}

__attribute__((export_name("componentize-py:runtime/init#measured"))) measured_rows_t *measured(void) {
  if (!runtime.measure) {
    return &rows;
  }
  PyObject *list = PyObject_CallMethod(runtime.measure, "rows", NULL);
  Py_ssize_t count = list ? PyList_Size(list) : -1;
  rows.items = count < 0 ? NULL : PyMem_RawCalloc((size_t)count + 1, sizeof(measured_item_t));
  if (!rows.items) {
    die_of_exception();
  }
  for (; (Py_ssize_t)rows.count < count; rows.count++) {
    PyObject *row = PyList_GetItem(list, (Py_ssize_t)rows.count); // borrowed
    if (!row || !copy_row(row, &rows.items[rows.count])) {
      die_of_exception();
    }
  }
  Py_DECREF(list);
  return &rows;
}
