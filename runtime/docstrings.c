// Leaves docstrings out of the snapshot (`--strip-docstrings`). They are there while modules are imported, since some packages
// look at them then, or make texts of them, which stay.
#include "runtime.h"

#include <opcode.h>

static bool is_text(PyObject *object) { return object && PyUnicode_CheckExact(object); }

// Whether the code loads its first constant, too: equal constants are one.
static bool uses_first(PyCodeObject *code) {
  PyObject *instructions = PyCode_GetCode(code);
  if (!instructions) {
    PyErr_Clear();
    return true;
  }
  const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(instructions);
  bool uses = false;
  for (Py_ssize_t i = 0; !uses && i + 1 < PyBytes_GET_SIZE(instructions); i += 2) {
    uses = at[i] == LOAD_CONST && at[i + 1] == 0;
  }
  Py_DECREF(instructions);
  return uses;
}

// Functions inside of others are made of this code later.
static void strip_code(PyCodeObject *code) {
  PyObject *constants = code->co_consts;
  Py_ssize_t count = PyTuple_GET_SIZE(constants);
  if (count && code->co_flags & CO_HAS_DOCSTRING && is_text(PyTuple_GET_ITEM(constants, 0)) && !uses_first(code)) {
    PyObject *text = PyTuple_GET_ITEM(constants, 0);
    PyTuple_SET_ITEM(constants, 0, Py_NewRef(Py_None));
    Py_DECREF(text);
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *constant = PyTuple_GET_ITEM(constants, i);
    if (PyCode_Check(constant)) {
      strip_code((PyCodeObject *)constant);
    }
  }
}

// Does not call the code of metaclasses.
static void strip_attribute(PyObject *attributes) {
  PyObject *text = attributes ? PyDict_GetItemString(attributes, "__doc__") : NULL; // borrowed
  if (is_text(text) && PyDict_SetItemString(attributes, "__doc__", Py_None) < 0) {
    PyErr_Clear();
  }
}

static void strip(PyObject *object) {
  if (PyFunction_Check(object)) {
    PyFunctionObject *function = (PyFunctionObject *)object;
    if (is_text(function->func_doc)) {
      Py_SETREF(function->func_doc, Py_NewRef(Py_None));
    }
    strip_code((PyCodeObject *)function->func_code);
  } else if (PyModule_CheckExact(object)) {
    strip_attribute(PyModule_GetDict(object)); // borrowed
  } else if (PyType_Check(object) && PyType_HasFeature((PyTypeObject *)object, Py_TPFLAGS_HEAPTYPE)) {
    PyObject *attributes = PyType_GetDict((PyTypeObject *)object);
    strip_attribute(attributes);
    PyType_Modified((PyTypeObject *)object);
    Py_XDECREF(attributes);
  } else if (Py_IS_TYPE(object, &PyProperty_Type) && PyObject_SetAttrString(object, "__doc__", Py_None) < 0) {
    PyErr_Clear();
  }
}

// Returns 1 to go on.
static int collect(PyObject *object, void *list) { return PyList_Append(list, object) == 0; }

int docstrings_strip(void) {
  PyObject *objects = PyList_New(0);
  if (!objects) {
    return -1;
  }
  PyUnstable_GC_VisitObjects(collect, objects);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects); i++) {
    strip(PyList_GET_ITEM(objects, i));
  }
  Py_DECREF(objects);
  return PyErr_Occurred() ? -1 : 0;
}
