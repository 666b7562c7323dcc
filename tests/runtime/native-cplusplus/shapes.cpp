#include <Python.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <typeinfo>
#include <vector>

namespace {

struct Shape {
  virtual ~Shape() = default;
  virtual double area() const = 0;
};

struct Square : Shape {
  double side;
  explicit Square(double side) : side(side) {}
  double area() const override { return side * side; }
};

struct Circle : Shape {
  double radius;
  explicit Circle(double radius) : radius(radius) {}
  double area() const override { return 3 * radius * radius; }
};

// Constructed before main, that is while the component is built.
const std::map<std::string, int> corners = {{"square", 4}, {"circle", 0}};

PyObject *describe(PyObject *, PyObject *) {
  std::vector<std::unique_ptr<Shape>> shapes;
  shapes.push_back(std::make_unique<Circle>(2));
  shapes.push_back(std::make_unique<Square>(3));
  std::sort(shapes.begin(), shapes.end(), [](auto &one, auto &other) { return one->area() < other->area(); });
  std::ostringstream text;
  for (const auto &shape : shapes) {
    bool square = dynamic_cast<const Square *>(shape.get()) != nullptr;
    const char *name = square ? "square" : "circle";
    text << name << ' ' << shape->area() << ' ' << corners.at(name) << ' ' << (typeid(*shape) == typeid(Square)) << ';';
  }
  return PyUnicode_FromString(text.str().c_str());
}

PyObject *print(PyObject *, PyObject *) {
  std::cout << "from C++: " << 1.5 << std::endl;
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {{"describe", describe, METH_NOARGS, nullptr}, {"print", print, METH_NOARGS, nullptr}, {}};
PyModuleDef module = {PyModuleDef_HEAD_INIT, "shapes", nullptr, -1, methods, nullptr, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_shapes() { return PyModule_Create(&module); }
