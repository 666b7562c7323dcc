#include "counter.h"

// Initialised in more than one phase, with a class that has a buffer.
typedef struct {
  PyObject_HEAD
  double items[4];
} numbers_t;

static int numbers_buffer(PyObject *self, Py_buffer *view, int flags) {
  static Py_ssize_t shape = 4, stride = sizeof(double);
  if (PyBuffer_FillInfo(view, self, ((numbers_t *)self)->items, sizeof(double) * 4, 0, flags) < 0) {
    return -1;
  }
  view->itemsize = sizeof(double);
  view->format = "d";
  view->shape = &shape;
  view->strides = &stride;
  return 0;
}

static PyObject *numbers_new(PyTypeObject *type, PyObject *args, PyObject *keywords) {
  (void)args, (void)keywords;
  numbers_t *made = (numbers_t *)type->tp_alloc(type, 0);
  for (int i = 0; made && i < 4; i++) {
    made->items[i] = i * 0.5;
  }
  return (PyObject *)made;
}

static PyType_Slot slots[] = {{Py_tp_new, numbers_new}, {Py_bf_getbuffer, numbers_buffer}, {0, NULL}};
static PyType_Spec spec = {"package.two.Numbers", sizeof(numbers_t), 0, Py_TPFLAGS_DEFAULT, slots};

static int execute(PyObject *made) {
  PyObject *type = PyType_FromSpec(&spec);
  int status = type ? PyModule_AddObjectRef(made, "Numbers", type) : -1;
  Py_XDECREF(type);
  return status;
}

static PyMethodDef methods[] = {{"next_state", next_state, METH_NOARGS, NULL},
                                {"is_mine", is_mine, METH_NOARGS, NULL},
                                {0}};
static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, execute}, {0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "two", NULL, 0, methods, module_slots, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_two(void) { return PyModuleDef_Init(&module); }
