// Lowering: Python objects -> canonical ABI.
//
// `lower_value` puts a value on the call's tape, and `lower_store` writes it into memory (the elements of lists). Both
// check as they go. On -1 either a Python exception is set, or `call->error` says why the value does not fit; each
// level on the way out prepends its position.
#include "lower.h"

#include <stdarg.h>
#include <string.h>

// --- Errors ------------------------------------------------------------------------------------------------------

int lower_refuse(call_t *call, PyObject *error_class, PyObject *reason) {
  if (reason) {
    Py_XSETREF(call->error, reason);
    call->error_class = error_class;
  }
  return -1;
}

int lower_mismatch(call_t *call, wit_type_t type, PyObject *value) {
  PyObject *expected = type_display(type);
  PyObject *reason = expected ? PyUnicode_FromFormat("expected `%U`, got %.200s", expected, value == Py_None ? "None" : Py_TYPE(value)->tp_name) : NULL;
  Py_XDECREF(expected);
  return lower_refuse(call, PyExc_TypeError, reason);
}

int lower_within(call_t *call, const char *format, ...) {
  if (!call->error) {
    return -1;
  }
  va_list arguments;
  va_start(arguments, format);
  PyObject *where = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  PyObject *longer = where ? PyUnicode_FromFormat("%U: %U", where, call->error) : NULL;
  Py_XDECREF(where);
  if (longer) {
    Py_SETREF(call->error, longer);
  } else {
    Py_CLEAR(call->error);
  }
  return -1;
}

void lower_raise(call_t *call, const char *function, const char *what) {
  if (call->error) {
    PyErr_Format(call->error_class, "%s: %s: %U", function, what, call->error);
    Py_CLEAR(call->error);
  }
}

// --- Variants, options and results -------------------------------------------------------------------------------

int lower_case(call_t *call, wit_type_t type, PyObject *value, uint32_t *tag, PyObject **payload) {
  const sum_t *sum = type_sum(type);
  *payload = NULL;
  if (WIT_TYPE_KIND(type) == WIT_TYPE_OPTION) {
    if (value == Py_None) {
      *tag = 0;
      return 0;
    }
    if (!sum->cases[1].class) {
      *tag = 1;
      *payload = Py_NewRef(value);
      return 0;
    }
  }
  // Instances of exactly the class are the common case; subclasses are tried only if none fits.
  size_t found = sum->count;
  for (size_t i = 0; i < sum->count && found == sum->count; i++) {
    if ((PyObject *)Py_TYPE(value) == sum->cases[i].class) {
      found = i;
    }
  }
  for (size_t i = 0; i < sum->count && found == sum->count; i++) {
    int is_instance = sum->cases[i].class ? PyObject_IsInstance(value, sum->cases[i].class) : 0;
    if (is_instance < 0) {
      return -1;
    }
    if (is_instance) {
      found = i;
    }
  }
  if (found == sum->count) {
    return lower_mismatch(call, type, value);
  }
  *tag = (uint32_t)found;
  if (sum->cases[found].type != WIT_TYPE_EMPTY) {
    *payload = instance_get(sum->cases[found].shape, value, 0, runtime.value);
    return *payload ? 0 : -1;
  }
  return 0;
}

static int within_case(call_t *call, wit_type_t type, uint32_t tag) {
  if (WIT_TYPE_KIND(type) == WIT_TYPE_OPTION) {
    return -1; // the payload's own reason says enough
  }
  return lower_within(call, "case `%s`", type_sum(type)->cases[tag].name);
}

// --- Records and tuples ------------------------------------------------------------------------------------------

// A new reference to the field of `value`, or NULL.
PyObject *lower_field(call_t *call, wit_type_t type, PyObject *value, size_t i) {
  const product_t *product = type_product(type);
  if (!product->class) {
    if ((Py_ssize_t)i >= PySequence_Fast_GET_SIZE(value)) { // application code may have run
      PyErr_SetString(PyExc_RuntimeError, "the list became shorter while it was being passed");
      return NULL;
    }
    return Py_NewRef(PySequence_Fast_GET_ITEM(value, (Py_ssize_t)i));
  }
  // Any object with the right attributes is accepted, as in 0.25.1.
  PyObject *field = instance_get(product->shape, value, i, product->fields[i].attribute);
  if (!field && PyErr_ExceptionMatches(PyExc_AttributeError)) {
    PyErr_Clear();
    if (PyObject_IsInstance(value, product->class) == 1) {
      lower_refuse(call, PyExc_TypeError, PyUnicode_FromFormat("attribute `%U` is missing", product->fields[i].attribute));
    } else {
      PyErr_Clear();
      lower_mismatch(call, type, value);
    }
  }
  return field;
}

int lower_check_tuple(call_t *call, wit_type_t type, PyObject *value) {
  const product_t *product = type_product(type);
  if (product->class) {
    return 0;
  }
  if (!PyTuple_Check(value) && !PyList_Check(value)) {
    return lower_mismatch(call, type, value);
  }
  Py_ssize_t given = PySequence_Fast_GET_SIZE(value);
  if (given != (Py_ssize_t)product->count) {
    PyObject *expected = type_display(type);
    PyObject *reason = expected ? PyUnicode_FromFormat("expected `%U`, got %zd items", expected, given) : NULL;
    Py_XDECREF(expected);
    return lower_refuse(call, PyExc_TypeError, reason);
  }
  return 0;
}

int lower_within_field(call_t *call, wit_type_t type, size_t i) {
  const product_t *product = type_product(type);
  return product->class ? lower_within(call, "field `%s`", product->fields[i].name)
                        : lower_within(call, "item %zu", i);
}

static int tape_product(call_t *call, wit_type_t type, PyObject *value) {
  const product_t *product = type_product(type);
  if (product->items) {
    return lower_tape_fixed(call, type, value);
  }
  if (lower_check_tuple(call, type, value) < 0) {
    return -1;
  }
  for (size_t i = 0; i < product->count; i++) {
    PyObject *field = lower_field(call, type, value, i);
    if (!field) {
      return -1;
    }
    int status = lower_value(call, product->fields[i].type, field);
    Py_DECREF(field);
    if (status < 0) {
      return lower_within_field(call, type, i);
    }
  }
  return 0;
}

static int tape_sum(call_t *call, wit_type_t type, PyObject *value) {
  uint32_t tag;
  PyObject *payload;
  if (lower_case(call, type, value, &tag, &payload) < 0) {
    return -1;
  }
  int status = call_write(call, tag);
  if (status == 0 && payload && lower_value(call, type_sum(type)->cases[tag].type, payload) < 0) {
    status = within_case(call, type, tag);
  }
  Py_XDECREF(payload);
  return status;
}

// --- The tape ----------------------------------------------------------------------------------------------------

static uint64_t float_bits(wit_type_t type, double number) {
  uint64_t bits = 0;
  if (type == WIT_TYPE_F32) {
    float single = lower_narrow(number);
    memcpy(&bits, &single, sizeof single);
  } else {
    memcpy(&bits, &number, sizeof number);
  }
  return bits;
}

// One slot: a scalar, handle or discriminant without payload.
static int scalar_bits(call_t *call, wit_type_t type, PyObject *value, uint64_t *bits) {
  size_t index = WIT_TYPE_INDEX(type);
  double number;
  bool truth;
  uint32_t word = 0;
  int status;
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_F32:
  case WIT_TYPE_F64:
    status = lower_float(call, type, value, &number);
    *bits = status < 0 ? 0 : float_bits(type, number);
    return status;
  case WIT_TYPE_BOOL:
    status = lower_bool(call, value, &truth);
    *bits = status < 0 ? 0 : truth;
    return status;
  case WIT_TYPE_CHAR:
    status = lower_char(call, value, &word);
    break;
  case WIT_TYPE_ENUM:
    status = lower_enum(call, index, value, &word);
    break;
  case WIT_TYPE_FLAGS:
    status = lower_flags(call, index, value, &word);
    break;
  case WIT_TYPE_OWN:
    status = resource_lower_own(call, index, value, &word);
    break;
  case WIT_TYPE_BORROW:
    status = resource_lower_borrow(call, index, value, &word);
    break;
  case WIT_TYPE_STREAM:
    status = runtime.async->lower_stream(call, index, value, &word);
    break;
  case WIT_TYPE_FUTURE:
    status = runtime.async->lower_future(call, index, value, &word);
    break;
  default:
    return lower_integer(call, type, value, bits);
  }
  *bits = word;
  return status;
}

int lower_value(call_t *call, wit_type_t type, PyObject *value) {
  const char *bytes;
  void *items;
  size_t length;
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE:
    return tape_product(call, type, value);
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT:
    return tape_sum(call, type, value);
  case WIT_TYPE_STRING:
    if (lower_string(call, value, &bytes, &length) < 0 || call_write(call, (uintptr_t)bytes) < 0) {
      return -1;
    }
    return call_write(call, length);
  case WIT_TYPE_LIST:
    if (lower_list(call, WIT_TYPE_INDEX(type), value, &items, &length) < 0 || call_write(call, (uintptr_t)items) < 0) {
      return -1;
    }
    return call_write(call, length);
  default: {
    uint64_t slot;
    return scalar_bits(call, type, value, &slot) < 0 ? -1 : call_write(call, slot);
  }
  }
}

// --- Memory ------------------------------------------------------------------------------------------------------

static void store_bits(uint8_t *target, uint64_t bits, uint32_t size) { memcpy(target, &bits, size); }

static int store_product(call_t *call, wit_type_t type, PyObject *value, uint8_t *target) {
  const product_t *product = type_product(type);
  if (product->items) {
    return lower_store_fixed(call, type, value, target);
  }
  if (lower_check_tuple(call, type, value) < 0) {
    return -1;
  }
  for (size_t i = 0; i < product->count; i++) {
    PyObject *field = lower_field(call, type, value, i);
    if (!field) {
      return -1;
    }
    int status = lower_store(call, product->fields[i].type, field, target + product->fields[i].offset);
    Py_DECREF(field);
    if (status < 0) {
      return lower_within_field(call, type, i);
    }
  }
  return 0;
}

static int store_sum(call_t *call, wit_type_t type, PyObject *value, uint8_t *target) {
  const sum_t *sum = type_sum(type);
  uint32_t tag;
  PyObject *payload;
  if (lower_case(call, type, value, &tag, &payload) < 0) {
    return -1;
  }
  store_bits(target, tag, sum->tag_size);
  int status = 0;
  if (payload && lower_store(call, sum->cases[tag].type, payload, target + sum->payload_offset) < 0) {
    status = within_case(call, type, tag);
  }
  Py_XDECREF(payload);
  return status;
}

int lower_store(call_t *call, wit_type_t type, PyObject *value, uint8_t *target) {
  size_t length;
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE:
    return store_product(call, type, value, target);
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT:
    return store_sum(call, type, value, target);
  case WIT_TYPE_STRING: {
    const char *bytes;
    if (lower_string(call, value, &bytes, &length) < 0) {
      return -1;
    }
    ((uintptr_t *)target)[0] = (uintptr_t)bytes;
    ((uintptr_t *)target)[1] = length;
    return 0;
  }
  case WIT_TYPE_LIST: {
    void *items;
    if (lower_list(call, WIT_TYPE_INDEX(type), value, &items, &length) < 0) {
      return -1;
    }
    ((uintptr_t *)target)[0] = (uintptr_t)items;
    ((uintptr_t *)target)[1] = length;
    return 0;
  }
  default: {
    uint64_t bits;
    if (scalar_bits(call, type, value, &bits) < 0) {
      return -1;
    }
    store_bits(target, bits, type_layout(type).size);
    return 0;
  }
  }
}
