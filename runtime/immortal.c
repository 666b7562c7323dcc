// Objects of the snapshot whose references nobody counts. A count is a write, and each page that an instance writes to is one that
// the host has to copy for it.
//
// Values, code, and what `def`, `class` and `import` make stay when the application drops them. So do plain objects, unless
// somebody could notice: objects with finalizers or with weak references to them, and all that leads to one, end as in any
// process.
#include "runtime.h"

#include <string.h>

// From our CPython (python-stdlib/patches): to be called when the constants of the code are immortal.
extern void _PyCode_SpecializeForSnapshot(PyCodeObject *code);

// Walks over all that is kept. Hundreds of thousands take some milliseconds.
#define MOST_WALKS 50

typedef struct {
  PyObject *object;
  Py_ssize_t references; // to be counted again if it must end; STAYS for code
} kept_t;

#define STAYS (-1)

// Plain objects, which are immortal for now, and code.
static struct {
  kept_t *items;
  size_t count, room;
  bool is_full; // out of memory: others are counted as usual
} kept;

static void make_immortal(PyObject *object) { Py_SET_REFCNT(object, _Py_IMMORTAL_INITIAL_REFCNT); }

static bool is_immortal(PyObject *object) { return Py_REFCNT(object) >= _Py_IMMORTAL_MINIMUM_REFCNT; }

// Values that refer to nothing.
static bool is_value(PyTypeObject *type) {
  return type == &PyUnicode_Type || type == &PyBytes_Type || type == &PyLong_Type || type == &PyFloat_Type ||
         type == &PyComplex_Type;
}

// The class of modules' specifications, which is written in Python.
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

// Types written in C whose objects are nothing but memory.
static bool is_memory(PyTypeObject *type) {
  static const char *const names[] = {
      "object", "dict", "list", "tuple", "set", "frozenset", "slice", "range", "method", "method-wrapper", "property",
      "builtin_function_or_method", "mappingproxy", "cell", "_contextvars.ContextVar", "collections.deque",
      "collections.defaultdict", "collections.OrderedDict", "functools.partial", "functools._lru_cache_wrapper",
      "operator.attrgetter", "operator.itemgetter", "operator.methodcaller", "re.Pattern", "types.GenericAlias",
      "types.SimpleNamespace", "typing.Generic", "typing.Union", "typing.TypeVar", "typing.ParamSpec",
      "typing.TypeAliasType", "_abc._abc_data", "_struct.Struct", "datetime.date", "datetime.timedelta",
      "datetime.timezone", "decimal.Decimal",
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (strcmp(type->tp_name, names[i]) == 0) {
      return true;
    }
  }
  return is_value(type);
}

// Types whose objects are nothing but memory, and classes of Python without finalizers.
static bool is_plain_type(PyTypeObject *type) {
  if (type->tp_finalize || type->tp_del) {
    return false;
  }
  while (type && PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) && type->tp_dealloc == module_spec->tp_dealloc) {
    type = type->tp_base;
  }
  return type && is_memory(type);
}

static bool is_weakly_referenced(PyObject *object) {
  Py_ssize_t offset = Py_TYPE(object)->tp_weaklistoffset;
  return offset && *(PyObject **)((char *)object + offset);
}

// A weak reference that calls nobody can stay when it is dropped.
static bool is_plain(PyObject *object) {
  if (PyWeakref_CheckRefExact(object)) {
    return !((PyWeakReference *)object)->wr_callback;
  }
  return is_plain_type(Py_TYPE(object)) && !is_weakly_referenced(object);
}

static void keep(PyObject *object, Py_ssize_t others);
static bool note(PyObject *object, Py_ssize_t references);

static void keep_code(PyCodeObject *code) {
  PyObject *const parts[] = {
      code->co_consts,    code->co_names, code->co_exceptiontable,  code->co_localsplusnames, code->co_filename,
      code->co_qualname, code->co_name,  code->co_localspluskinds, code->co_linetable,
  };
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (parts[i]) {
      keep(parts[i], 0);
    }
  }
  note((PyObject *)code, STAYS);
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

// Returns false if memory is short.
static bool note(PyObject *object, Py_ssize_t references) {
  if (kept.count == kept.room) {
    size_t room = kept.room ? kept.room * 2 : 4096;
    kept_t *items = kept.is_full ? NULL : PyMem_RawRealloc(kept.items, room * sizeof *items);
    kept.is_full = !items;
    if (kept.is_full) {
      return false;
    }
    kept.items = items;
    kept.room = room;
  }
  kept.items[kept.count++] = (kept_t){object, references};
  return true;
}

// `others` is the number of references that end with this walk.
static void keep(PyObject *object, Py_ssize_t others) {
  if (is_immortal(object)) {
    return;
  }
  PyTypeObject *type = Py_TYPE(object);
  if (type == &PyCode_Type || is_value(type) || is_definition(object) || is_of_imports(type) || PyType_Check(object)) {
    make_immortal(object);
    keep_parts(object);
  } else if (is_plain(object) && note(object, Py_REFCNT(object) - others)) {
    make_immortal(object);
  }
}

static int visit_part(PyObject *object, void *unused) {
  (void)unused;
  if (PyUnicode_CheckExact(object)) {
    // The first search for it would store it.
    PyObject_Hash(object);
  }
  keep(object, 0);
  return 0;
}

static int visit(PyObject *object, void *unused) {
  keep(object, 1); // the collector's own
  Py_TYPE(object)->tp_traverse(object, visit_part, unused);
  return 1; // goes on
}

static int traverse(PyObject *object, visitproc visitor) {
  traverseproc parts = Py_TYPE(object)->tp_traverse;
  return parts ? parts(object, visitor, NULL) : 0;
}

static int is_mortal(PyObject *object, void *unused) {
  (void)unused;
  return !is_immortal(object);
}

// Counts references to it again.
static bool release(kept_t *item) {
  bool was_kept = item->object && item->references != STAYS;
  if (was_kept) {
    item->object->ob_refcnt = item->references; // Py_SET_REFCNT leaves immortal ones as they are
    item->object = NULL;
  }
  return was_kept;
}

static bool leads_to_mortal(const kept_t *item) { return item->object && traverse(item->object, is_mortal); }

// Releases plain objects that lead to one which must end. Parts are most often older than the whole, or found by way of it, so one
// walk in each direction finds nearly all. An order that needs many more ends with none kept.
static void release_leading_to_mortal(void) {
  bool again = true;
  for (int walk = 0; again && walk < MOST_WALKS; walk++) {
    again = false;
    for (size_t i = 0; i < kept.count; i++) {
      kept_t *item = &kept.items[walk % 2 ? kept.count - 1 - i : i];
      again |= leads_to_mortal(item) && release(item);
    }
  }
  for (size_t i = 0; again && i < kept.count; i++) {
    release(&kept.items[i]);
  }
}

int immortal_make(void) {
  PyObject *spec = PyObject_GetAttrString(runtime.boot, "__spec__");
  if (!spec) {
    return -1;
  }
  module_spec = Py_TYPE(spec);
  Py_DECREF(spec);
  PyUnstable_GC_VisitObjects(visit, NULL);
  // Some are known to no collector, but others lead to them.
  for (size_t i = 0; i < kept.count; i++) {
    traverse(kept.items[i].object, visit_part);
  }
  release_leading_to_mortal();
  for (size_t i = 0; i < kept.count; i++) {
    if (kept.items[i].object && kept.items[i].references == STAYS) {
      _PyCode_SpecializeForSnapshot((PyCodeObject *)kept.items[i].object);
    }
  }
  PyMem_RawFree(kept.items);
  memset(&kept, 0, sizeof kept);
  return 0;
}
