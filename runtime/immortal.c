// Objects of the snapshot whose references nobody counts. A count is a write, and each page that an instance writes to is one that
// the host has to copy for it.
//
// These stay when the application drops them: values, tuples of them, code, and what `def`, `class` and `import` make. Objects of
// other classes, lists and dicts end as in any process.
#include "runtime.h"

#include <string.h>

// From our CPython (python-stdlib/patches): to be called when the constants of the code are immortal.
extern void _PyCode_SpecializeForSnapshot(PyCodeObject *code);

// Tuples in tuples; deeper ones are counted as usual.
#define MOST_NESTED 100

static int keep(PyObject *object);

static void make_immortal(PyObject *object) { Py_SET_REFCNT(object, _Py_IMMORTAL_INITIAL_REFCNT); }

static bool is_immortal(PyObject *object) { return Py_REFCNT(object) >= _Py_IMMORTAL_MINIMUM_REFCNT; }

// Values that refer to nothing.
static bool is_value(PyTypeObject *type) {
  return type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyLong_Type || type == &PyFloat_Type ||
         type == &PyComplex_Type;
}

// The class of modules' specifications.
static PyTypeObject *module_spec;

// Made by `import`, or locks, which modules of CPython make for themselves.
static bool is_of_imports(PyTypeObject *type) {
  bool is_lock = strcmp(type->tp_name, "_thread.RLock") == 0 || strcmp(type->tp_name, "_thread.lock") == 0;
  return type == module_spec || (is_lock && PyType_HasFeature(type, Py_TPFLAGS_IMMUTABLETYPE));
}

// A method of C that is bound to an object keeps that alive.
static bool is_bound(PyObject *object) {
  PyObject *self = PyCFunction_GET_SELF(object);
  return self && !PyModule_Check(self) && !PyType_Check(self);
}

static bool is_definition(PyObject *object) {
  PyTypeObject *type = Py_TYPE(object);
  return (type == &PyCFunction_Type && !is_bound(object)) || type == &PyFunction_Type || type == &PyModule_Type ||
         type == &PyProperty_Type || type == &PyStaticMethod_Type || type == &PyClassMethod_Type ||
         type == &PyMethodDescr_Type || type == &PyClassMethodDescr_Type || type == &PyGetSetDescr_Type ||
         type == &PyMemberDescr_Type || type == &PyWrapperDescr_Type;
}

static void keep_code(PyCodeObject *code) {
  PyObject *const parts[] = {
      code->co_consts,    code->co_names, code->co_exceptiontable,  code->co_localsplusnames, code->co_filename,
      code->co_qualname, code->co_name,  code->co_localspluskinds, code->co_linetable,
  };
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (parts[i]) {
      keep(parts[i]);
    }
  }
  _PyCode_SpecializeForSnapshot(code);
}

// The cells stay as long as the function, whatever they hold.
static void keep_closure(PyObject *function) {
  PyObject *closure = PyFunction_GET_CLOSURE(function);
  if (closure) {
    make_immortal(closure);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(closure); i++) {
      make_immortal(PyTuple_GET_ITEM(closure, i));
    }
  }
}

static void keep_class(PyTypeObject *class) {
  // The first lookup of an attribute would assign it.
  PyUnstable_Type_AssignVersionTag(class);
  PyObject *attributes = PyType_GetDict(class); // new
  if (attributes) {
    make_immortal(attributes);
    Py_DECREF(attributes);
  }
}

// Keeps what an immortal object cannot lose.
static void keep_parts(PyObject *object) {
  if (PyCode_Check(object)) {
    keep_code((PyCodeObject *)object);
  } else if (PyFunction_Check(object)) {
    keep_closure(object);
  } else if (PyType_Check(object)) {
    keep_class((PyTypeObject *)object);
  } else if (PyModule_CheckExact(object)) {
    make_immortal(PyModule_GetDict(object));
  }
}

// Ends with the first item that cannot be kept: a tuple may hold another one many times.
static int keep_tuple(PyObject *tuple) {
  static int depth;
  bool all = depth < MOST_NESTED;
  depth++;
  for (Py_ssize_t i = 0; all && i < PyTuple_GET_SIZE(tuple); i++) {
    all = keep(PyTuple_GET_ITEM(tuple, i));
  }
  depth--;
  if (all) {
    make_immortal(tuple);
  }
  return all;
}

// Returns true if the object is immortal now.
static int keep(PyObject *object) {
  if (is_immortal(object)) {
    return true;
  }
  PyTypeObject *type = Py_TYPE(object);
  if (type == &PyTuple_Type) {
    return keep_tuple(object);
  }
  if (type != &PyCode_Type && !is_value(type) && !is_definition(object) && !is_of_imports(type) &&
      !PyType_Check(object)) {
    return false;
  }
  make_immortal(object);
  keep_parts(object);
  return true;
}

static int visit_part(PyObject *object, void *unused) {
  (void)unused;
  keep(object);
  return 0;
}

static int visit(PyObject *object, void *unused) {
  keep(object);
  Py_TYPE(object)->tp_traverse(object, visit_part, unused);
  return 1; // goes on
}

int immortal_make(void) {
  PyObject *spec = PyObject_GetAttrString(runtime.boot, "__spec__");
  if (!spec) {
    return -1;
  }
  module_spec = Py_TYPE(spec);
  Py_DECREF(spec);
  PyUnstable_GC_VisitObjects(visit, NULL);
  return 0;
}
