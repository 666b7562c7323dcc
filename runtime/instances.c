// Instances of generated dataclasses, made and read without calling Python.
//
// CPython keeps the attributes of such an instance in an array behind it. The place of each field is learnt at load
// time, from one instance that the class itself makes. After that, instances are made as the class's own `__init__`
// would make them: the one that `dataclass` wrote, which stores its arguments and does nothing else. A class that
// anybody has changed (its version says so) is checked again. If it is no longer plain, it is called and asked for
// attributes as usual.
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE
#endif
#include "runtime.h"

// Not all static functions of CPython's internal headers are used here.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-parameter"
#pragma clang diagnostic ignored "-Wsign-compare"
#include "pycore_dict.h"
#include "pycore_object.h"
#pragma clang diagnostic pop

struct shape {
  PyTypeObject *class;
  PyObject *init; // the function that `dataclass` wrote
  PyObject *code; // of that function
  size_t count;
  PyObject **names; // names of the fields
  unsigned int version; // version of the class at the last check
  bool plain;           // result of that check
  uint8_t *slots;       // slot of each field
};

// Returns true if nothing stands between the class and its instances' attributes.
static bool is_plain(const shape_t *shape) {
  PyTypeObject *class = shape->class;
  if (!Py_IS_TYPE((PyObject *)class, &PyType_Type) || !(class->tp_flags & Py_TPFLAGS_INLINE_VALUES) ||
      class->tp_new != PyBaseObject_Type.tp_new || class->tp_alloc != PyType_GenericAlloc ||
      class->tp_getattro != PyObject_GenericGetAttr || class->tp_setattro != PyObject_GenericSetAttr ||
      _PyType_Lookup(class, runtime.init) != shape->init) {
    return false;
  }
  for (size_t i = 0; i < shape->count; i++) {
    if (_PyType_Lookup(class, shape->names[i])) {
      return false; // perhaps a property
    }
  }
  return true;
}

static bool usable(shape_t *shape) {
  if (!shape) {
    return false;
  }
  unsigned int version = shape->class->tp_version_tag;
  if (version != shape->version || version == 0) {
    shape->plain = is_plain(shape);
    shape->version = PyUnstable_Type_AssignVersionTag(shape->class) ? shape->class->tp_version_tag : 0;
  }
  return shape->plain && ((PyFunctionObject *)shape->init)->func_code == shape->code;
}

static bool has_slots(const shape_t *shape, const PyDictValues *values) {
  bool enough = values->valid;
  for (size_t i = 0; i < shape->count && enough; i++) {
    enough = shape->slots[i] < values->capacity;
  }
  return enough;
}

PyObject *instance_make(shape_t *shape, PyObject *class, PyObject **fields, size_t count) {
  PyObject *result = NULL;
  if (!usable(shape)) {
    result = PyObject_Vectorcall(class, fields, count, NULL);
  } else if ((result = PyType_GenericAlloc(shape->class, 0))) {
    PyDictValues *values = _PyObject_InlineValues(result);
    if (has_slots(shape, values)) {
      for (size_t i = 0; i < count; i++) {
        values->values[shape->slots[i]] = fields[i];
        _PyDictValues_AddToInsertionOrder(values, shape->slots[i]);
      }
      return result;
    }
    Py_DECREF(result);
    result = PyObject_Vectorcall(class, fields, count, NULL);
  }
  for (size_t i = 0; i < count; i++) {
    Py_DECREF(fields[i]);
  }
  return result;
}

PyObject *instance_get(shape_t *shape, PyObject *instance, size_t field, PyObject *name) {
  if (shape && Py_TYPE(instance) == shape->class && usable(shape)) {
    const PyDictValues *values = _PyObject_InlineValues(instance);
    if (values->valid && shape->slots[field] < values->capacity && values->values[shape->slots[field]]) {
      return Py_NewRef(values->values[shape->slots[field]]);
    }
  }
  return PyObject_GetAttr(instance, name);
}

// --- Loading -----------------------------------------------------------------------------------------------------

// Notes the place of each field in `instance`, where each has a different value.
static bool find_slots(shape_t *shape, PyObject *instance, PyObject **fields) {
  const PyDictValues *values = _PyObject_InlineValues(instance);
  for (size_t i = 0; i < shape->count; i++) {
    size_t slot = 0;
    while (values->valid && slot < values->capacity && values->values[slot] != fields[i]) {
      slot++;
    }
    if (!values->valid || slot >= values->capacity) {
      return false; // more fields than such an array has
    }
    shape->slots[i] = (uint8_t)slot;
  }
  return true;
}

// The class's `__init__` is the plain one: a first instance shows the slots.
static int learn(shape_t *shape) {
  PyObject *fields = PyTuple_New((Py_ssize_t)shape->count);
  for (size_t i = 0; fields && i < shape->count; i++) {
    PyObject *field = PyList_New(0);
    if (!field) {
      Py_CLEAR(fields);
    } else {
      PyTuple_SET_ITEM(fields, (Py_ssize_t)i, field);
    }
  }
  PyObject *instance = fields ? PyObject_CallObject((PyObject *)shape->class, fields) : NULL;
  int status = !instance ? -1 : find_slots(shape, instance, ((PyTupleObject *)fields)->ob_item);
  Py_XDECREF(instance);
  Py_XDECREF(fields);
  return status;
}

// 1 if `class` is a dataclass with these fields and the `__init__` for them, 0 if not.
static int is_generated(PyObject *class, PyObject *const *names, size_t count) {
  PyObject *tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; tuple && i < count; i++) {
    PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, Py_NewRef(names[i]));
  }
  PyObject *answer = tuple ? PyObject_CallMethod(runtime.boot, "is_generated", "OO", class, tuple) : NULL;
  int status = answer ? PyObject_IsTrue(answer) : -1;
  Py_XDECREF(answer);
  Py_XDECREF(tuple);
  return status;
}

int instance_shape(PyObject *class, PyObject *const *names, size_t count, shape_t **result) {
  *result = NULL;
  int status = is_generated(class, names, count);
  if (status <= 0) {
    return status;
  }
  PyObject *init = _PyType_Lookup((PyTypeObject *)class, runtime.init);
  shape_t *shape = PyMem_Calloc(1, sizeof(shape_t));
  PyObject **copies = PyMem_Calloc(count + 1, sizeof(PyObject *));
  uint8_t *slots = PyMem_Calloc(count + 1, 1);
  if (!shape || !copies || !slots) {
    die_of_bug("out of memory while building");
  }
  *shape = (shape_t){.class = (PyTypeObject *)class, .init = Py_NewRef(init), .count = count, .names = copies, .slots = slots};
  shape->code = Py_NewRef(((PyFunctionObject *)init)->func_code);
  for (size_t i = 0; i < count; i++) {
    copies[i] = Py_NewRef(names[i]);
  }
  if (!usable(shape)) {
    return 0;
  }
  status = learn(shape);
  if (status > 0) {
    *result = shape;
  }
  return status < 0 ? -1 : 0;
}
