#include <Python.h>

#include <stdexcept>
#include <string>

/// Throws what is caught two frames further out.
static std::string checked(const char *text) {
  std::string copy(text);
  if (copy.empty()) {
    throw std::invalid_argument("nothing to shout");
  }
  return copy + "!";
}

static PyObject *shout(PyObject *self, PyObject *argument) {
  const char *text = PyUnicode_AsUTF8(argument);
  if (text == nullptr) {
    return nullptr;
  }
  try {
    return PyUnicode_FromString(checked(text).c_str());
  } catch (const std::exception &error) {
    PyErr_SetString(PyExc_ValueError, error.what());
    return nullptr;
  }
}

static PyMethodDef methods[] = {{"shout", shout, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef module = {PyModuleDef_HEAD_INIT, "spam", nullptr, -1, methods};

PyMODINIT_FUNC PyInit_spam() { return PyModule_Create(&module); }
