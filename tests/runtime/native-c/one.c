#define FIRST 1
#include "counter.h"

#include <dlfcn.h>

// A module that only this code names.
static PyObject *half(PyObject *self, PyObject *args) {
  (void)self, (void)args;
  PyObject *fractions = PyImport_ImportModule("fractions");
  PyObject *made = fractions ? PyObject_CallMethod(fractions, "Fraction", "ii", 1, 2) : NULL;
  PyObject *text = made ? PyObject_Str(made) : NULL;
  Py_XDECREF(made);
  Py_XDECREF(fractions);
  return text;
}

static PyObject *open_library(PyObject *self, PyObject *args) {
  (void)self;
  const char *name;
  if (!PyArg_ParseTuple(args, "s", &name)) {
    return NULL;
  }
  void *library = dlopen(name, RTLD_NOW);
  return library ? PyUnicode_FromString("there") : PyErr_Format(PyExc_OSError, "%s", dlerror());
}

static PyMethodDef methods[] = {{"next_state", next_state, METH_NOARGS, NULL},
                                {"is_mine", is_mine, METH_NOARGS, NULL},
                                {"half", half, METH_NOARGS, NULL},
                                {"open_library", open_library, METH_VARARGS, NULL},
                                {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "one", NULL, -1, methods};

PyMODINIT_FUNC PyInit_one(void) { return PyModule_Create(&module); }
