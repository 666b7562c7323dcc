// Functions with fewer parameters than CPython passes, or with more, as extensions of PyPI have them: elsewhere that does no harm.
#include <Python.h>

static PyObject *nothing(void) { return PyUnicode_FromString("nothing"); }

static PyObject *self_only(PyObject *self) { return PyUnicode_FromFormat("self %d", self != NULL); }

static PyObject *one_argument(PyObject *self) { return PyUnicode_FromFormat("one %d", self != NULL); }

static PyObject *with_keywords(PyObject *self, PyObject *args, PyObject *keywords) {
  return PyUnicode_FromFormat("%d %d %d", self != NULL, args != NULL, keywords == NULL);
}

static PyObject *without_keywords(PyObject *self, PyObject *args) {
  return PyUnicode_FromFormat("%d arguments of %d", (int)PyTuple_GET_SIZE(args), self != NULL);
}

static PyObject *too_many(PyObject *a, PyObject *b, PyObject *c, PyObject *d) {
  return a && b && c && d ? PyUnicode_FromString("never") : NULL;
}

static PyObject *usual(PyObject *self, PyObject *args) { return PyUnicode_FromFormat("%d %S", self != NULL, args); }

#define FUNCTION(name, flags) {#name, (PyCFunction)(void (*)(void))name, flags, NULL}

static PyMethodDef methods[] = {FUNCTION(self_only, METH_NOARGS),
                                FUNCTION(one_argument, METH_O),
                                FUNCTION(usual, METH_O),
                                {0}};

static int stored;

static PyObject *get(PyObject *self) { return PyUnicode_FromFormat("%d of %d", stored, self != NULL); }

static int set(PyObject *self, PyObject *value) {
  stored = (int)PyLong_AsLong(value);
  return self && !PyErr_Occurred() ? 0 : -1;
}

static PyGetSetDef attributes[] = {{"attribute", (getter)(void (*)(void))get, (setter)(void (*)(void))set, NULL, NULL},
                                   {0}};
static PyType_Slot slots[] = {{Py_tp_methods, methods}, {Py_tp_getset, attributes}, {0, NULL}};
static PyType_Spec spec = {"odd.Odd", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT, slots};

static PyMethodDef functions[] = {FUNCTION(nothing, METH_NOARGS),
                                  FUNCTION(self_only, METH_NOARGS),
                                  FUNCTION(one_argument, METH_O),
                                  FUNCTION(usual, METH_O),
                                  FUNCTION(with_keywords, METH_VARARGS),
                                  FUNCTION(without_keywords, METH_VARARGS | METH_KEYWORDS),
                                  FUNCTION(too_many, METH_NOARGS),
                                  {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "odd", NULL, -1, functions};

PyMODINIT_FUNC PyInit_odd(void) {
  PyObject *made = PyModule_Create(&module);
  PyObject *type = made ? PyType_FromSpec(&spec) : NULL;
  int status = type ? PyModule_AddObjectRef(made, "Odd", type) : -1;
  Py_XDECREF(type);
  if (status < 0) {
    Py_CLEAR(made);
  }
  return made;
}
