#define Py_LIMITED_API 0x030a0000
#include <Python.h>

static PyObject *reversed_text(PyObject *self, PyObject *text) {
  (void)self;
  Py_ssize_t length;
  const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
  if (!bytes) {
    return NULL;
  }
  PyObject *list = PyList_New(0);
  for (Py_ssize_t i = length; list && i > 0; i--) {
    PyObject *character = PyUnicode_FromStringAndSize(bytes + i - 1, 1);
    if (!character || PyList_Append(list, character) < 0) {
      Py_CLEAR(list);
    }
    Py_XDECREF(character);
  }
  PyObject *empty = list ? PyUnicode_FromString("") : NULL;
  PyObject *joined = empty ? PyUnicode_Join(empty, list) : NULL;
  Py_XDECREF(empty);
  Py_XDECREF(list);
  return joined;
}

static PyMethodDef methods[] = {{"reversed_text", reversed_text, METH_O, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "stable", NULL, -1, methods};

PyMODINIT_FUNC PyInit_stable(void) { return PyModule_Create(&module); }
