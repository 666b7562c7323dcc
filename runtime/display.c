// Types in WIT's notation, for error messages.
#include "runtime.h"

static const char *const SCALARS[] = {
    [WIT_TYPE_U8] = "u8",         [WIT_TYPE_U16] = "u16",       [WIT_TYPE_U32] = "u32",
    [WIT_TYPE_U64] = "u64",       [WIT_TYPE_S8] = "s8",         [WIT_TYPE_S16] = "s16",
    [WIT_TYPE_S32] = "s32",       [WIT_TYPE_S64] = "s64",       [WIT_TYPE_BOOL] = "bool",
    [WIT_TYPE_CHAR] = "char",     [WIT_TYPE_F32] = "f32",       [WIT_TYPE_F64] = "f64",
    [WIT_TYPE_STRING] = "string", [WIT_TYPE_ERROR_CONTEXT] = "error-context",
};

// `constructor<argument>`; steals `argument`.
static PyObject *applied(const char *constructor, PyObject *argument) {
  if (!argument) {
    return NULL;
  }
  PyObject *result = PyUnicode_FromFormat("%s<%U>", constructor, argument);
  Py_DECREF(argument);
  return result;
}

static PyObject *pair_display(const char *constructor, wit_type_t left, wit_type_t right) {
  PyObject *first = type_display(left);
  PyObject *second = first ? type_display(right) : NULL;
  PyObject *both = second ? PyUnicode_FromFormat("%U, %U", first, second) : NULL;
  Py_XDECREF(first);
  Py_XDECREF(second);
  return applied(constructor, both);
}

static PyObject *list_display(const list_t *list) {
  return list->entry ? pair_display("map", list->entry->fields[0].type, list->entry->fields[1].type)
                     : applied("list", type_display(list->element));
}

static PyObject *fixed_display(const product_t *list) {
  PyObject *element = type_display(list->items->element);
  PyObject *both = element ? PyUnicode_FromFormat("%U, %zu", element, list->count) : NULL;
  Py_XDECREF(element);
  return applied("list", both);
}

static PyObject *tuple_display(const product_t *tuple) {
  PyObject *parts = PyList_New(0);
  for (size_t i = 0; parts && i < tuple->count; i++) {
    PyObject *part = type_display(tuple->fields[i].type);
    if (!part || PyList_Append(parts, part) < 0) {
      Py_CLEAR(parts);
    }
    Py_XDECREF(part);
  }
  PyObject *comma = PyUnicode_FromString(", ");
  PyObject *joined = parts && comma ? PyUnicode_Join(comma, parts) : NULL;
  Py_XDECREF(comma);
  Py_XDECREF(parts);
  return applied("tuple", joined);
}

static PyObject *result_display(const sum_t *result) {
  wit_type_t ok = result->cases[0].type, err = result->cases[1].type;
  if (ok == WIT_TYPE_EMPTY && err == WIT_TYPE_EMPTY) {
    return PyUnicode_FromString("result");
  }
  return err == WIT_TYPE_EMPTY ? applied("result", type_display(ok)) : pair_display("result", ok, err);
}

// `constructor`, or `constructor<element>`.
static PyObject *end_display(const char *constructor, wit_type_t element) {
  element = type_resolve(element);
  return element == WIT_TYPE_EMPTY ? PyUnicode_FromString(constructor) : applied(constructor, type_display(element));
}

PyObject *type_display(wit_type_t type) {
  size_t index = WIT_TYPE_INDEX(type);
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_RECORD:
    return PyUnicode_FromString(runtime.records[index].name);
  case WIT_TYPE_VARIANT:
    return PyUnicode_FromString(runtime.variants[index].name);
  case WIT_TYPE_ENUM:
    return PyUnicode_FromString(runtime.enums[index].name);
  case WIT_TYPE_FLAGS:
    return PyUnicode_FromString(runtime.flags[index].name);
  case WIT_TYPE_TUPLE:
    return runtime.tuples[index].items ? fixed_display(&runtime.tuples[index]) : tuple_display(&runtime.tuples[index]);
  case WIT_TYPE_OPTION:
    return applied("option", type_display(runtime.options[index].cases[1].type));
  case WIT_TYPE_RESULT:
    return result_display(&runtime.results[index]);
  case WIT_TYPE_LIST:
    return list_display(&runtime.lists[index]);
  case WIT_TYPE_OWN:
    return PyUnicode_FromString(runtime.resources[index].wit->name);
  case WIT_TYPE_BORROW:
    return applied("borrow", PyUnicode_FromString(runtime.resources[index].wit->name));
  case WIT_TYPE_FUTURE:
    return end_display("future", runtime.wit->futures[index].ty);
  case WIT_TYPE_STREAM:
    return end_display("stream", runtime.wit->streams[index].ty);
  default:
    return PyUnicode_FromString(WIT_TYPE_KIND(type) <= WIT_TYPE_ERROR_CONTEXT ? SCALARS[WIT_TYPE_KIND(type)] : "_");
  }
}
