#include <Python.h>

extern int shared_calls;
extern int (*const shared_add)(int);

static PyObject *add(PyObject *self, PyObject *number) {
  (void)self;
  long n = PyLong_AsLong(number);
  if (n == -1 && PyErr_Occurred()) {
    return NULL;
  }
  shared_calls++;
  return Py_BuildValue("ii", shared_calls, shared_add((int)n));
}

static PyMethodDef methods[] = {{"add", add, METH_O, NULL}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "user", NULL, -1, methods};

PyMODINIT_FUNC PyInit(void) { return PyModule_Create(&module); }
