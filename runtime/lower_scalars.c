// Lowers one scalar, enum or flags value: the checks, and the bits in the canonical ABI.
#include "lower.h"

#include <string.h>

// --- Numbers -----------------------------------------------------------------------------------------------------

static const struct {
  int64_t low;
  uint64_t high;
} RANGES[] = {
    [WIT_TYPE_U8] = {0, UINT8_MAX},           [WIT_TYPE_U16] = {0, UINT16_MAX},
    [WIT_TYPE_U32] = {0, UINT32_MAX},         [WIT_TYPE_U64] = {0, UINT64_MAX},
    [WIT_TYPE_S8] = {INT8_MIN, INT8_MAX},     [WIT_TYPE_S16] = {INT16_MIN, INT16_MAX},
    [WIT_TYPE_S32] = {INT32_MIN, INT32_MAX},  [WIT_TYPE_S64] = {INT64_MIN, INT64_MAX},
};

static int out_of_range(call_t *call, wit_type_t type, PyObject *value) {
  PyObject *expected = type_display(type);
  // A huge integer must not fill the message (nor fail to print: see sys.set_int_max_str_digits).
  PyObject *shown = PyObject_Repr(value);
  if (!shown) {
    PyErr_Clear();
    shown = PyUnicode_FromString("a very large integer");
  }
  PyObject *reason = NULL;
  if (expected && shown) {
    uint32_t kind = WIT_TYPE_KIND(type);
    reason = PyUnicode_GetLength(shown) > 40
                 ? PyUnicode_FromFormat("expected `%U` (%lld to %llu), got an integer far out of range", expected,
                                        (long long)RANGES[kind].low, (unsigned long long)RANGES[kind].high)
                 : PyUnicode_FromFormat("expected `%U` (%lld to %llu), got %U", expected, (long long)RANGES[kind].low,
                                        (unsigned long long)RANGES[kind].high, shown);
  }
  Py_XDECREF(shown);
  Py_XDECREF(expected);
  return lower_refuse(call, PyExc_OverflowError, reason);
}

int lower_integer(call_t *call, wit_type_t type, PyObject *value, uint64_t *bits) {
  uint32_t kind = WIT_TYPE_KIND(type);
  if (PyLong_CheckExact(value) && PyUnstable_Long_IsCompact((PyLongObject *)value)) {
    Py_ssize_t small = PyUnstable_Long_CompactValue((PyLongObject *)value);
    *bits = (uint64_t)(int64_t)small;
    bool fits = small >= RANGES[kind].low && (small <= 0 || (uint64_t)small <= RANGES[kind].high);
    return fits ? 0 : out_of_range(call, type, value);
  }
  PyObject *number = NULL; // set if `value` only converts to an integer
  if (!PyLong_Check(value)) {
    if (!PyIndex_Check(value)) {
      return lower_mismatch(call, type, value);
    }
    number = PyNumber_Index(value);
    if (!number) {
      return -1;
    }
    value = number;
  }
  int overflow;
  long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
  int status = 0;
  if (overflow > 0 && kind == WIT_TYPE_U64) {
    *bits = PyLong_AsUnsignedLongLong(value);
    if (*bits == (uint64_t)-1 && PyErr_Occurred()) {
      PyErr_Clear();
      status = out_of_range(call, type, value);
    }
  } else if (overflow || small < RANGES[kind].low || (small > 0 && (uint64_t)small > RANGES[kind].high)) {
    status = out_of_range(call, type, value);
  } else {
    *bits = (uint64_t)small;
  }
  Py_XDECREF(number);
  return status;
}

int lower_float(call_t *call, wit_type_t type, PyObject *value, double *number) {
  if (PyFloat_CheckExact(value)) {
    *number = PyFloat_AS_DOUBLE(value);
    return 0;
  }
  PyNumberMethods *methods = Py_TYPE(value)->tp_as_number;
  if (!methods || !(methods->nb_float || methods->nb_index)) {
    return lower_mismatch(call, type, value);
  }
  *number = PyFloat_AsDouble(value);
  if (*number != -1.0 || !PyErr_Occurred()) {
    return 0;
  }
  if (PyLong_Check(value) && PyErr_ExceptionMatches(PyExc_OverflowError)) {
    PyErr_Clear();
    return lower_refuse(call, PyExc_OverflowError, PyUnicode_FromString("an integer too large for a float"));
  }
  return -1;
}

// Like `lift_float`: the payload of a NaN is copied by hand.
float lower_narrow(double number) {
  if (number == number) {
    return (float)number;
  }
  uint64_t wide;
  memcpy(&wide, &number, sizeof wide);
  uint32_t payload = (uint32_t)(wide >> 29) & 0x7FFFFF;
  uint32_t bits = (uint32_t)(wide >> 63) << 31 | 0x7F800000 | (payload ? payload : 0x400000); // without one: infinity
  float single;
  memcpy(&single, &bits, sizeof single);
  return single;
}

int lower_bool(call_t *call, PyObject *value, bool *truth) {
  if (PyBool_Check(value)) {
    *truth = value == Py_True;
    return 0;
  }
  // NumPy's scalar is not a subclass of bool.
  const char *name = Py_TYPE(value)->tp_name;
  if (strcmp(name, "numpy.bool") != 0 && strcmp(name, "numpy.bool_") != 0) {
    return lower_mismatch(call, WIT_TYPE_BOOL, value);
  }
  int result = PyObject_IsTrue(value);
  *truth = result > 0;
  return result < 0 ? -1 : 0;
}

static int lone_surrogate(call_t *call, wit_type_t type, Py_UCS4 code_point, Py_ssize_t position) {
  PyObject *expected = type_display(type);
  PyObject *reason = expected ? PyUnicode_FromFormat("expected `%U`, got the lone surrogate U+%04X at position %zd",
                                                     expected, (unsigned)code_point, position)
                              : NULL;
  Py_XDECREF(expected);
  return lower_refuse(call, PyExc_ValueError, reason);
}

int lower_char(call_t *call, PyObject *value, uint32_t *code_point) {
  if (!PyUnicode_Check(value)) {
    return lower_mismatch(call, WIT_TYPE_CHAR, value);
  }
  if (PyUnicode_GET_LENGTH(value) != 1) {
    return lower_refuse(call, PyExc_ValueError,
                        PyUnicode_FromFormat("expected `char`, got a string of length %zd", PyUnicode_GET_LENGTH(value)));
  }
  *code_point = PyUnicode_READ_CHAR(value, 0);
  return Py_UNICODE_IS_SURROGATE(*code_point) ? lone_surrogate(call, WIT_TYPE_CHAR, *code_point, 0) : 0;
}

// `PyUnicode_AsUTF8AndSize` failed on `text`.
static int no_utf8(call_t *call, PyObject *text) {
  if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
    return -1;
  }
  PyErr_Clear();
  Py_ssize_t position = 0; // surrogates are all that UTF-8 lacks
  while (!Py_UNICODE_IS_SURROGATE(PyUnicode_READ_CHAR(text, position))) {
    position++;
  }
  return lone_surrogate(call, WIT_TYPE_STRING, PyUnicode_READ_CHAR(text, position), position);
}

int lower_string(call_t *call, PyObject *value, const char **bytes, size_t *length) {
  if (PyUnicode_CheckExact(value) && PyUnicode_IS_COMPACT_ASCII(value)) {
    *bytes = (const char *)PyUnicode_1BYTE_DATA(value);
    *length = (size_t)PyUnicode_GET_LENGTH(value);
    return call_hold(call, value);
  }
  if (!PyUnicode_Check(value)) {
    return lower_mismatch(call, WIT_TYPE_STRING, value);
  }
  // The bytes stay in the object, which the call holds until the host has read them. Only a plain `str` is held: an
  // instance of a subclass could run code when it is released, which is not allowed after the call.
  PyObject *plain = PyUnicode_FromObject(value);
  if (!plain) {
    return -1;
  }
  Py_ssize_t size;
  *bytes = PyUnicode_AsUTF8AndSize(plain, &size);
  int status = *bytes ? call_hold(call, plain) : no_utf8(call, plain);
  *length = *bytes ? (size_t)size : 0;
  Py_DECREF(plain);
  return status;
}

// --- Enums and flags ---------------------------------------------------------------------------------------------

int lower_enum(call_t *call, size_t index, PyObject *value, uint32_t *tag) {
  const members_t *type = &runtime.enums[index];
  for (size_t i = 0; i < type->count; i++) {
    if (type->members[i] == value) {
      *tag = (uint32_t)i;
      return 0;
    }
  }
  return lower_mismatch(call, WIT_TYPE_ENUM | (uint32_t)index << 8, value);
}

int lower_flags(call_t *call, size_t index, PyObject *value, uint32_t *bits) {
  const members_t *type = &runtime.flags[index];
  wit_type_t wit_type = WIT_TYPE_FLAGS | (uint32_t)index << 8;
  int is_instance = PyObject_IsInstance(value, type->class);
  if (is_instance <= 0) {
    return is_instance < 0 ? -1 : lower_mismatch(call, wit_type, value);
  }
  PyObject *number = PyObject_GetAttr(value, runtime.value);
  uint64_t all = 0;
  int status = number ? lower_integer(call, WIT_TYPE_U32, number, &all) : -1;
  Py_XDECREF(number);
  uint64_t known = type->count >= 32 ? UINT32_MAX : (1ull << type->count) - 1;
  if (status == 0 && (all & ~known)) {
    return lower_refuse(call, PyExc_ValueError,
                  PyUnicode_FromFormat("`%s` has no flag for bit 0x%x", type->name, (unsigned)(all & ~known)));
  }
  *bits = (uint32_t)all;
  return status;
}
