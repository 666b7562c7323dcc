// Lowers lists from objects with the buffer protocol: `array`, `memoryview`, NumPy arrays. Items in the format of the
// canonical ABI are copied once, whatever their strides; a buffer of several dimensions becomes lists of lists.
//
// Other items are converted one by one, like those of any sequence, and accepted under the same rules as Python's
// numbers.
#include "lower.h"

#include <string.h>

typedef enum { OTHER, SIGNED, UNSIGNED, FLOAT, BOOLEAN, BYTE } item_kind_t;

// The kind of item that the format names, without its size: that depends on whether sizes are the machine's or standard
// ones, and the view has it anyway. Wasm is little-endian.
static item_kind_t item_kind(const Py_buffer *view) {
  const char *format = view->format ? view->format : "B";
  if (*format == '@' || *format == '=' || *format == '<') {
    format++;
  }
  if (format[0] == '\0' || format[1] != '\0') {
    return OTHER;
  }
  return strchr("bhilqn", *format)   ? SIGNED
         : strchr("BHILQN", *format) ? UNSIGNED
         : strchr("efd", *format)    ? FLOAT
         : *format == '?'            ? BOOLEAN
         : *format == 'c'            ? BYTE
                                     : OTHER;
}

static bool items_fit(wit_type_t element, const Py_buffer *view) {
  item_kind_t kind = item_kind(view);
  if (WIT_TYPE_KIND(element) >= WIT_TYPE_STRING || (size_t)view->itemsize != type_layout(element).size) {
    return false;
  }
  switch (element) {
  case WIT_TYPE_S8: // `bytes` may hold these, too
    return kind == SIGNED || kind == UNSIGNED || kind == BYTE;
  case WIT_TYPE_U8:
    return kind == UNSIGNED || kind == BYTE;
  case WIT_TYPE_U16:
  case WIT_TYPE_U32:
  case WIT_TYPE_U64:
    return kind == UNSIGNED;
  case WIT_TYPE_S16:
  case WIT_TYPE_S32:
  case WIT_TYPE_S64:
    return kind == SIGNED;
  case WIT_TYPE_F32:
  case WIT_TYPE_F64:
    return kind == FLOAT;
  case WIT_TYPE_BOOL:
    return kind == BOOLEAN;
  default:
    return false;
  }
}

// The type of the items in the user's terms: NumPy's name for it, or the format if there is none.
static void describe(const Py_buffer *view, char given[BUFFER_TEXT]) {
  static const char *const NAMES[] = {[SIGNED] = "int", [UNSIGNED] = "uint", [FLOAT] = "float"};
  item_kind_t kind = item_kind(view);
  if (kind == OTHER || kind == BYTE) {
    PyOS_snprintf(given, BUFFER_TEXT, "a buffer of format `%.40s`", view->format);
  } else if (kind == BOOLEAN) {
    PyOS_snprintf(given, BUFFER_TEXT, "a buffer of `bool`");
  } else {
    PyOS_snprintf(given, BUFFER_TEXT, "a buffer of `%s%d`", NAMES[kind], (int)view->itemsize * 8);
  }
}

// The list whose items are lists themselves, or NULL.
static const list_t *inner_list(const list_t *type) {
  size_t index = WIT_TYPE_INDEX(type->element);
  switch (WIT_TYPE_KIND(type->element)) {
  case WIT_TYPE_LIST:
    return runtime.lists[index].entry ? NULL : &runtime.lists[index];
  case WIT_TYPE_TUPLE:
    return runtime.tuples[index].items;
  default:
    return NULL;
  }
}

// The compiler turns this into one load and one store.
#define COPY_EACH(size)                                          \
  for (size_t i = 0; i < length; i++) {                          \
    memcpy(target + i * (size), source + (Py_ssize_t)i * stride, size); \
  }                                                              \
  break

static void copy_items(uint8_t *target, const uint8_t *source, Py_ssize_t stride, size_t length, Py_ssize_t size) {
  if (stride == size) {
    memcpy(target, source, length * (size_t)size);
    return;
  }
  switch (size) {
  case 1:
    COPY_EACH(1);
  case 2:
    COPY_EACH(2);
  case 4:
    COPY_EACH(4);
  default:
    COPY_EACH(8);
  }
}

static int copy_dimension(call_t *call, const list_t *type, const Py_buffer *view, int dimension, const uint8_t *source,
                          room_t *room) {
  if (lower_make_room(call, type, view->shape[dimension], room) < 0) {
    return -1;
  }
  uint8_t *target = room->items;
  Py_ssize_t stride = view->strides[dimension];
  const list_t *inner = inner_list(type);
  if (!inner) {
    copy_items(target, source, stride, room->length, view->itemsize);
    return 0;
  }
  bool fixed = WIT_TYPE_KIND(type->element) == WIT_TYPE_TUPLE;
  size_t fixed_length = fixed ? runtime.tuples[WIT_TYPE_INDEX(type->element)].count : 0;
  for (size_t i = 0; i < room->length; i++, target += type->layout.size) {
    room_t row = {fixed ? target : NULL, fixed_length, fixed};
    if (copy_dimension(call, inner, view, dimension + 1, source + (Py_ssize_t)i * stride, &row) < 0) {
      return lower_within(call, "item %zu", i);
    }
    if (!fixed) {
      ((uintptr_t *)target)[0] = (uintptr_t)row.items;
      ((uintptr_t *)target)[1] = row.length;
    }
  }
  return 0;
}

// An object with another way to provide its items may say that this protocol cannot describe them.
static int not_exported(PyObject *value) {
  bool other_way = Py_TYPE(value)->tp_iter || PySequence_Check(value);
  if (!other_way || !(PyErr_ExceptionMatches(PyExc_BufferError) || PyErr_ExceptionMatches(PyExc_ValueError))) {
    return -1;
  }
  PyErr_Clear();
  return 0;
}

static int wrong_dimensions(call_t *call, wit_type_t shown, PyObject *value, const char *given, int dimensions) {
  PyObject *expected = type_display(shown);
  PyObject *reason = expected ? PyUnicode_FromFormat("expected `%U`, got %.100s, %s with %d dimension%s", expected,
                                                     Py_TYPE(value)->tp_name, given, dimensions, dimensions == 1 ? "" : "s")
                              : NULL;
  Py_XDECREF(expected);
  return lower_refuse(call, PyExc_TypeError, reason);
}

int lower_buffer(call_t *call, const list_t *type, wit_type_t shown, PyObject *value, room_t *room,
                 char given[BUFFER_TEXT]) {
  Py_buffer view;
  if (PyObject_GetBuffer(value, &view, PyBUF_RECORDS_RO) < 0) {
    return not_exported(value);
  }
  describe(&view, given);
  int dimensions = 1;
  const list_t *innermost = type;
  for (const list_t *inner; (inner = inner_list(innermost)); innermost = inner) {
    dimensions++;
  }
  bool of_numbers = WIT_TYPE_KIND(innermost->element) < WIT_TYPE_STRING;
  int status = 0;
  if (of_numbers && (view.ndim == 0 || view.ndim > dimensions)) {
    status = wrong_dimensions(call, shown, value, given, view.ndim);
  } else if (view.ndim == dimensions && items_fit(innermost->element, &view)) {
    status = copy_dimension(call, type, &view, 0, view.buf, room) < 0 ? -1 : 1;
  }
  PyBuffer_Release(&view);
  return status;
}
