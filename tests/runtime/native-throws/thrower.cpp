#include <Python.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Noted {
  std::vector<std::string> &notes;
  ~Noted() { notes.push_back("destroyed"); }
};

int fail(int n, std::vector<std::string> &notes) {
  Noted noted{notes};
  if (n == 0) throw std::out_of_range("n is zero");
  if (n == 1) throw 42;
  if (n == 2) return std::vector<int>{1, 2}.at(7);
  return n;
}

PyObject *attempt(PyObject *, PyObject *number) {
  std::vector<std::string> notes;
  std::string text;
  try {
    try {
      text = std::to_string(fail(static_cast<int>(PyLong_AsLong(number)), notes));
    } catch (const std::exception &error) {
      notes.push_back(error.what());
      throw;
    }
  } catch (const std::out_of_range &error) {
    text = std::string("out of range: ") + error.what();
  } catch (...) {
    text = "something else";
  }
  for (const auto &note : notes) text += ", " + note;
  return PyUnicode_FromString(text.c_str());
}

PyObject *forget(PyObject *, PyObject *) { throw std::runtime_error("nobody catches this"); }

PyMethodDef methods[] = {{"attempt", attempt, METH_O, nullptr}, {"forget", forget, METH_NOARGS, nullptr}, {}};
PyModuleDef module = {PyModuleDef_HEAD_INIT, "thrower", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_thrower() { return PyModule_Create(&module); }
