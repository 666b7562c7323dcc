// Lowers lists: a buffer in canonical form, lent by the object if it has one, or else filled in one pass.
//
// A list of fixed length lies inside the value around it; on the tape, its items follow each other.
#include "lower.h"

#include <string.h>

static int wrong_length(call_t *call, size_t expected, Py_ssize_t given) {
  return lower_refuse(call, PyExc_TypeError, PyUnicode_FromFormat("expected %zu items, got %zd", expected, given));
}

int lower_make_room(call_t *call, const list_t *type, Py_ssize_t length, room_t *room) {
  if (room->fixed) {
    return (size_t)length == room->length ? 0 : wrong_length(call, room->length, length);
  }
  uint64_t size = (uint64_t)length * type->layout.size;
  if (size > UINT32_MAX / 2) {
    PyErr_NoMemory();
    return -1;
  }
  room->items = call_alloc(call, (size_t)size);
  room->length = (size_t)length;
  return room->items ? 0 : -1;
}

static bool is_small(PyObject *item, Py_ssize_t low, Py_ssize_t high) {
  if (!PyLong_CheckExact(item) || !PyUnstable_Long_IsCompact((PyLongObject *)item)) {
    return false;
  }
  Py_ssize_t value = PyUnstable_Long_CompactValue((PyLongObject *)item);
  return value >= low && value <= high;
}

static bool is_char(PyObject *item) {
  return PyUnicode_CheckExact(item) && PyUnicode_GET_LENGTH(item) == 1 &&
         !Py_UNICODE_IS_SURROGATE(PyUnicode_READ_CHAR(item, 0));
}

// The loop's fast path for items of exactly the expected class; others take the general path.
#define FAST(item_type, check, convert)                     \
  if (!(check)) {                                           \
    break;                                                  \
  }                                                         \
  ((item_type *)target)[i] = (item_type)(convert);          \
  continue

#define FAST_INTEGER(item_type, low, high) \
  FAST(item_type, is_small(item, low, high), PyUnstable_Long_CompactValue((PyLongObject *)item))

static int store_item(call_t *call, const list_t *type, PyObject *item, uint8_t *target, size_t i) {
  Py_INCREF(item); // application code may run and empty the list
  int status = lower_store(call, type->element, item, target + i * type->layout.size);
  Py_DECREF(item);
  return status < 0 ? lower_within(call, "item %zu", i) : 0;
}

static PyObject *item_at(PyObject *sequence, size_t i) {
  if ((Py_ssize_t)i >= PySequence_Fast_GET_SIZE(sequence)) {
    PyErr_SetString(PyExc_RuntimeError, "the list became shorter while it was being passed");
    return NULL;
  }
  return PySequence_Fast_GET_ITEM(sequence, (Py_ssize_t)i);
}

static int store_items(call_t *call, const list_t *type, PyObject *sequence, uint8_t *target, size_t length) {
  for (size_t i = 0; i < length; i++) {
    PyObject *item = item_at(sequence, i); // borrowed
    if (!item) {
      return -1;
    }
    switch (type->element) {
    case WIT_TYPE_F64:
      FAST(double, PyFloat_CheckExact(item), PyFloat_AS_DOUBLE(item));
    case WIT_TYPE_F32:
      FAST(float, PyFloat_CheckExact(item), lower_narrow(PyFloat_AS_DOUBLE(item)));
    case WIT_TYPE_BOOL:
      FAST(uint8_t, item == Py_True || item == Py_False, item == Py_True);
    case WIT_TYPE_CHAR:
      FAST(uint32_t, is_char(item), PyUnicode_READ_CHAR(item, 0));
    case WIT_TYPE_U8:
      FAST_INTEGER(uint8_t, 0, UINT8_MAX);
    case WIT_TYPE_S8:
      FAST_INTEGER(int8_t, INT8_MIN, INT8_MAX);
    case WIT_TYPE_U16:
      FAST_INTEGER(uint16_t, 0, UINT16_MAX);
    case WIT_TYPE_S16:
      FAST_INTEGER(int16_t, INT16_MIN, INT16_MAX);
    case WIT_TYPE_U32:
      FAST_INTEGER(uint32_t, 0, PY_SSIZE_T_MAX);
    case WIT_TYPE_S32:
      FAST_INTEGER(int32_t, PY_SSIZE_T_MIN, PY_SSIZE_T_MAX);
    case WIT_TYPE_U64:
      FAST_INTEGER(uint64_t, 0, PY_SSIZE_T_MAX);
    case WIT_TYPE_S64:
      FAST_INTEGER(int64_t, PY_SSIZE_T_MIN, PY_SSIZE_T_MAX);
    default:
      break;
    }
    if (store_item(call, type, item, target, i) < 0) {
      return -1;
    }
  }
  return 0;
}

static bool of_bytes(const list_t *type) { return type->element == WIT_TYPE_U8 || type->element == WIT_TYPE_S8; }

// Returns true if the items of a buffer have to be read through a `memoryview` as a list: a view of several dimensions does not
// iterate.
static bool needs_list(PyObject *value) {
  if (PyMemoryView_Check(value)) {
    return PyMemoryView_GET_BUFFER(value)->ndim > 1;
  }
  return PyObject_CheckBuffer(value) && !Py_TYPE(value)->tp_iter && !PySequence_Check(value);
}

static PyObject *list_of_buffer(PyObject *value) {
  PyObject *view = PyMemoryView_FromObject(value);
  PyObject *list = view ? PyObject_CallMethod(view, "tolist", NULL) : NULL;
  Py_XDECREF(view);
  return list;
}

// A list or tuple of the items, as a new reference; NULL if `value` has none.
static PyObject *find_items(call_t *call, const list_t *type, wit_type_t wit_type, PyObject *value) {
  // These iterate, but never over the intended items.
  if (PyUnicode_Check(value) || PyDict_Check(value) || (PyBytes_Check(value) && !of_bytes(type))) {
    lower_mismatch(call, wit_type, value);
    return NULL;
  }
  if (needs_list(value)) {
    return list_of_buffer(value);
  }
  PyObject *sequence = PySequence_Fast(value, "");
  if (!sequence && PyErr_ExceptionMatches(PyExc_TypeError) && !Py_TYPE(value)->tp_iter) {
    PyErr_Clear();
    lower_mismatch(call, wit_type, value);
  }
  return sequence;
}

static int lower_items(call_t *call, const list_t *type, wit_type_t wit_type, PyObject *value, room_t *room) {
  char given[BUFFER_TEXT] = "";
  if (PyObject_CheckBuffer(value)) {
    int status = lower_buffer(call, type, wit_type, value, room, given);
    if (status != 0) {
      return status < 0 ? -1 : 0;
    }
  }
  PyObject *sequence = find_items(call, type, wit_type, value);
  if (!sequence) {
    return -1;
  }
  int status = lower_make_room(call, type, PySequence_Fast_GET_SIZE(sequence), room);
  if (status == 0) {
    if (WIT_TYPE_KIND(type->element) > WIT_TYPE_STRING) {
      memset(room->items, 0, room->length * type->layout.size); // padding must not show old memory to the host
    }
    status = store_items(call, type, sequence, room->items, room->length);
    if (status < 0 && *given) {
      lower_within(call, "%s", given);
    }
  }
  Py_DECREF(sequence);
  return status;
}

int lower_list(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length) {
  const list_t *type = &runtime.lists[index];
  if (type->entry) {
    return lower_map(call, index, value, pointer, length);
  }
  return lower_elements(call, type, WIT_TYPE_LIST | (uint32_t)index << 8, value, pointer, length);
}

int lower_elements(call_t *call, const list_t *type, wit_type_t shown, PyObject *value, void **pointer,
                   size_t *length) {
  if (of_bytes(type) && PyBytes_CheckExact(value)) {
    *pointer = PyBytes_AS_STRING(value);
    *length = (size_t)PyBytes_GET_SIZE(value);
    return call_hold(call, value);
  }
  room_t room = {NULL, 0, false};
  int status = lower_items(call, type, shown, value, &room);
  *pointer = room.items;
  *length = room.length;
  return status;
}

int lower_store_fixed(call_t *call, wit_type_t type, PyObject *value, uint8_t *target) {
  const product_t *product = type_product(type);
  room_t room = {target, product->count, true};
  return lower_items(call, product->items, type, value, &room);
}

// Returns true if values have the same parts in memory as on the tape: numbers, strings, lists, and lists of fixed length of
// those.
static bool has_plain_words(wit_type_t type) {
  uint32_t kind = WIT_TYPE_KIND(type);
  if (kind == WIT_TYPE_TUPLE && runtime.tuples[WIT_TYPE_INDEX(type)].items) {
    return has_plain_words(runtime.tuples[WIT_TYPE_INDEX(type)].items->element);
  }
  return kind <= WIT_TYPE_STRING || kind == WIT_TYPE_LIST;
}

// Copies a value with plain words from memory to the tape.
static int tape_words(call_t *call, wit_type_t type, const uint8_t *source) {
  uint32_t kind = WIT_TYPE_KIND(type);
  if (kind == WIT_TYPE_TUPLE) {
    const product_t *product = type_product(type);
    int status = 0;
    for (size_t i = 0; i < product->count && status == 0; i++) {
      status = tape_words(call, product->items->element, source + i * product->items->layout.size);
    }
    return status;
  }
  if (kind == WIT_TYPE_STRING || kind == WIT_TYPE_LIST) {
    const uintptr_t *words = (const uintptr_t *)source;
    return call_write(call, words[0]) < 0 ? -1 : call_write(call, words[1]);
  }
  uint64_t slot = 0;
  memcpy(&slot, source, type_layout(type).size);
  return call_write(call, slot);
}

// Goes through memory, whatever provides the items: buffers are copied there.
static int tape_stored(call_t *call, wit_type_t type, PyObject *value) {
  uint8_t *items = call_alloc(call, type_layout(type).size);
  if (!items || lower_store_fixed(call, type, value, items) < 0) {
    return -1;
  }
  return tape_words(call, type, items);
}

int lower_tape_fixed(call_t *call, wit_type_t type, PyObject *value) {
  const product_t *product = type_product(type);
  const list_t *items = product->items;
  if (has_plain_words(items->element)) {
    return tape_stored(call, type, value);
  }
  PyObject *sequence = find_items(call, items, type, value);
  if (!sequence) {
    return -1;
  }
  int status = 0;
  if (PySequence_Fast_GET_SIZE(sequence) != (Py_ssize_t)product->count) {
    status = wrong_length(call, product->count, PySequence_Fast_GET_SIZE(sequence));
  }
  for (size_t i = 0; i < product->count && status == 0; i++) {
    PyObject *item = Py_XNewRef(item_at(sequence, i));
    status = item ? lower_value(call, items->element, item) : -1;
    Py_XDECREF(item);
    if (status < 0) {
      lower_within(call, "item %zu", i);
    }
  }
  Py_DECREF(sequence);
  return status;
}
