// A module with one global variable, `state`, which clashes with that of every other such module.
#include <Python.h>

int state = FIRST;

static PyObject *next_state(PyObject *self, PyObject *args) {
  (void)self, (void)args;
  return PyLong_FromLong(state++);
}

static struct PyModuleDef module;

// An address of its own, for each module.
int *address_of_state(void) { return &state; }

static PyObject *is_mine(PyObject *self, PyObject *args) {
  (void)self, (void)args;
  return PyBool_FromLong(address_of_state() == &state);
}
