// Lowering lists: a buffer in canonical form, lent by the object where it has one, else filled in one pass.
#include "lower.h"

#include <string.h>

// The buffer protocol's format character for an item of this type, and its size: what `array`, `memoryview` and NumPy
// use on a 32-bit machine.
static bool format_fits(wit_type_t element, const Py_buffer *view) {
  const char *format = view->format ? view->format : "B";
  if (*format == '<' || *format == '=' || *format == '@') {
    format++;
  }
  if (format[0] == '\0' || format[1] != '\0') {
    return false;
  }
  switch (element) {
  case WIT_TYPE_U8:
  case WIT_TYPE_S8:
    return strchr("bBc?", *format) && view->itemsize == 1;
  case WIT_TYPE_BOOL:
    return *format == '?' && view->itemsize == 1;
  case WIT_TYPE_U16:
    return *format == 'H' && view->itemsize == 2;
  case WIT_TYPE_S16:
    return *format == 'h' && view->itemsize == 2;
  case WIT_TYPE_U32:
    return strchr("IL", *format) && view->itemsize == 4;
  case WIT_TYPE_S32:
    return strchr("il", *format) && view->itemsize == 4;
  case WIT_TYPE_U64:
    return strchr("QL", *format) && view->itemsize == 8;
  case WIT_TYPE_S64:
    return strchr("ql", *format) && view->itemsize == 8;
  case WIT_TYPE_F32:
    return *format == 'f' && view->itemsize == 4;
  case WIT_TYPE_F64:
    return *format == 'd' && view->itemsize == 8;
  default:
    return false;
  }
}

// 1 if the buffer protocol gave the items, 0 if it cannot, -1 with an exception set.
static int from_buffer(call_t *call, const list_t *type, PyObject *value, void **pointer, size_t *length) {
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_FULL_RO) < 0) {
    PyErr_Clear();
    return 0;
  }
  int status = 0;
  if (view.ndim == 1 && format_fits(type->element, &view)) {
    *pointer = call_alloc(call, (size_t)view.len);
    *length = (size_t)(view.len / view.itemsize);
    status = *pointer && PyBuffer_ToContiguous(*pointer, &view, view.len, 'C') == 0 ? 1 : -1;
  }
  PyBuffer_Release(&view);
  return status;
}

// The loops for numbers of exactly the expected class; anything else takes the general way.
#define FAST(item_type, check, convert)                     \
  if (!(check)) {                                           \
    break;                                                  \
  }                                                         \
  ((item_type *)target)[i] = (item_type)(convert);          \
  continue

static int store_item(call_t *call, const list_t *type, PyObject *item, uint8_t *target, size_t i) {
  Py_INCREF(item); // code of the user's may run and empty the list
  int status = lower_store(call, type->element, item, target + i * type->layout.size);
  Py_DECREF(item);
  return status < 0 ? lower_within(call, "item %zu", i) : 0;
}

static int store_items(call_t *call, const list_t *type, PyObject *sequence, uint8_t *target, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if ((Py_ssize_t)i >= PySequence_Fast_GET_SIZE(sequence)) {
      PyErr_SetString(PyExc_RuntimeError, "the list became shorter while it was being passed");
      return -1;
    }
    PyObject *item = PySequence_Fast_GET_ITEM(sequence, (Py_ssize_t)i);
    switch (type->element) {
    case WIT_TYPE_F64:
      FAST(double, PyFloat_CheckExact(item), PyFloat_AS_DOUBLE(item));
    case WIT_TYPE_F32:
      FAST(float, PyFloat_CheckExact(item), PyFloat_AS_DOUBLE(item));
    default:
      break;
    }
    if (store_item(call, type, item, target, i) < 0) {
      return -1;
    }
  }
  return 0;
}

static int from_sequence(call_t *call, const list_t *type, PyObject *sequence, void **pointer, size_t *length) {
  *length = (size_t)PySequence_Fast_GET_SIZE(sequence);
  uint64_t size = (uint64_t)*length * type->layout.size;
  if (size > UINT32_MAX / 2) {
    PyErr_NoMemory();
    return -1;
  }
  *pointer = call_alloc(call, (size_t)size);
  if (!*pointer) {
    return -1;
  }
  memset(*pointer, 0, (size_t)size); // padding must not show old memory to the host
  return store_items(call, type, sequence, *pointer, *length);
}

int lower_list(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length) {
  return lower_elements(call, &runtime.lists[index], WIT_TYPE_LIST | (uint32_t)index << 8, value, pointer, length);
}

int lower_elements(call_t *call, const list_t *type, wit_type_t wit_type, PyObject *value, void **pointer,
                   size_t *length) {
  bool of_bytes = type->element == WIT_TYPE_U8 || type->element == WIT_TYPE_S8;
  if (of_bytes && PyBytes_CheckExact(value)) {
    *pointer = PyBytes_AS_STRING(value);
    *length = (size_t)PyBytes_GET_SIZE(value);
    return call_hold(call, value);
  }
  if (PyList_CheckExact(value) || PyTuple_CheckExact(value)) {
    return from_sequence(call, type, value, pointer, length);
  }
  if (PyObject_CheckBuffer(value)) {
    int status = from_buffer(call, type, value, pointer, length);
    if (status != 0) {
      return status < 0 ? -1 : 0;
    }
  }
  // These iterate, but never over what was meant.
  if (PyUnicode_Check(value) || PyDict_Check(value) || (PyBytes_Check(value) && !of_bytes)) {
    return lower_mismatch(call, wit_type, value);
  }
  PyObject *sequence = PySequence_Fast(value, "");
  if (!sequence) {
    if (!PyErr_ExceptionMatches(PyExc_TypeError) || Py_TYPE(value)->tp_iter) {
      return -1;
    }
    PyErr_Clear();
    return lower_mismatch(call, wit_type, value);
  }
  int status = from_sequence(call, type, sequence, pointer, length);
  Py_DECREF(sequence);
  return status;
}
