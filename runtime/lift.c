// Lifting: canonical ABI -> Python objects.
//
// Every function here consumes its argument, whether it returns an object or fails: the parts that it did not reach are
// discarded.
#include "runtime.h"

#include <string.h>

// --- Objects from their parts ------------------------------------------------------------------------------------

PyObject *lift_char(uint32_t value) { return PyUnicode_FromOrdinal((int)value); }

// A NaN's payload is copied by hand: the machine's own conversion may change it, and makes a signalling NaN quiet.
PyObject *lift_float(float value) {
  if (value == value) {
    return PyFloat_FromDouble(value);
  }
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t wide = (uint64_t)(bits >> 31) << 63 | 0x7FFull << 52 | (uint64_t)(bits & 0x7FFFFF) << 29;
  double number;
  memcpy(&number, &wide, sizeof number);
  return PyFloat_FromDouble(number);
}

PyObject *lift_string(uint8_t *bytes, size_t length) {
  PyObject *result = PyUnicode_DecodeUTF8((const char *)bytes, (Py_ssize_t)length, "strict");
  discard_string(bytes, length);
  return result;
}

static PyObject *fixed_list(const product_t *product, PyObject **fields) {
  wit_type_t element = product->items->element;
  bool of_bytes = element == WIT_TYPE_U8 || element == WIT_TYPE_S8;
  PyObject *result = of_bytes ? PyBytes_FromStringAndSize(NULL, (Py_ssize_t)product->count)
                              : PyList_New((Py_ssize_t)product->count);
  for (size_t i = 0; i < product->count; i++) {
    if (result && !of_bytes) {
      PyList_SET_ITEM(result, (Py_ssize_t)i, fields[i]);
      continue;
    }
    if (result) {
      PyBytes_AS_STRING(result)[i] = (char)PyLong_AsLong(fields[i]);
    }
    Py_DECREF(fields[i]);
  }
  return result;
}

// `fields` are new references, which this steals.
PyObject *lift_product(const product_t *product, PyObject **fields) {
  PyObject *result;
  if (product->items) {
    return fixed_list(product, fields);
  }
  if (product->class) {
    return instance_make(product->shape, product->class, fields, product->count);
  }
  result = PyTuple_New((Py_ssize_t)product->count);
  for (size_t i = 0; i < product->count; i++) {
    if (result) {
      PyTuple_SET_ITEM(result, (Py_ssize_t)i, fields[i]);
    } else {
      Py_DECREF(fields[i]);
    }
  }
  return result;
}

// Steals `payload`, which is NULL for a case without one.
PyObject *lift_case(wit_type_t type, uint32_t tag, PyObject *payload) {
  const variant_case_t *item = &type_sum(type)->cases[tag];
  if (!item->class) { // an option that needs no box
    return tag ? payload : Py_NewRef(Py_None);
  }
  if (!payload && WIT_TYPE_KIND(type) == WIT_TYPE_RESULT) {
    payload = Py_NewRef(Py_None);
  }
  return instance_make(item->shape, item->class, &payload, payload ? 1 : 0);
}

PyObject *lift_flags(size_t index, uint32_t bits) {
  PyObject *number = PyLong_FromUnsignedLong(bits);
  PyObject *result = number ? PyObject_CallOneArg(runtime.flags[index].class, number) : NULL;
  Py_XDECREF(number);
  return result;
}

PyObject *lift_enum(size_t index, uint32_t value) { return Py_NewRef(runtime.enums[index].members[value]); }

// --- Lists -------------------------------------------------------------------------------------------------------

// A loop that the compiler specialises for one item type, where the constructor is the only call per element.
#define FILL(item_type, construct)                                          \
  for (size_t i = 0; i < length; i++) {                                     \
    PyObject *item = construct(((const item_type *)bytes)[i]);              \
    if (!item) { /* numbers own nothing, so nothing is left to discard */   \
      Py_DECREF(list);                                                      \
      return NULL;                                                          \
    }                                                                       \
    PyList_SET_ITEM(list, (Py_ssize_t)i, item);                             \
  }                                                                         \
  break

PyObject *lift_items(const list_t *type, const uint8_t *bytes, size_t length) {
  if (type->element == WIT_TYPE_U8 || type->element == WIT_TYPE_S8) {
    return PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)length);
  }
  PyObject *list = PyList_New((Py_ssize_t)length);
  if (!list) {
    discard_items(type, bytes, length);
    return NULL;
  }
  switch (type->element) {
  case WIT_TYPE_F64:
    FILL(double, PyFloat_FromDouble);
  case WIT_TYPE_F32:
    FILL(float, lift_float);
  case WIT_TYPE_U32:
    FILL(uint32_t, PyLong_FromUnsignedLong);
  case WIT_TYPE_S32:
    FILL(int32_t, PyLong_FromLong);
  case WIT_TYPE_U16:
    FILL(uint16_t, PyLong_FromLong);
  case WIT_TYPE_S16:
    FILL(int16_t, PyLong_FromLong);
  case WIT_TYPE_U64:
    FILL(uint64_t, PyLong_FromUnsignedLongLong);
  case WIT_TYPE_S64:
    FILL(int64_t, PyLong_FromLongLong);
  case WIT_TYPE_BOOL:
    FILL(uint8_t, PyBool_FromLong);
  case WIT_TYPE_CHAR:
    FILL(uint32_t, lift_char);
  default:
    for (size_t i = 0; i < length; i++) {
      PyObject *item = lift_load(type->element, bytes + i * type->layout.size);
      if (!item) {
        discard_items(type, bytes + (i + 1) * type->layout.size, length - i - 1);
        Py_DECREF(list);
        return NULL;
      }
      PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }
  }
  return list;
}

// A key that the host sends twice keeps its last value, as in a dict display.
static PyObject *lift_entries(const list_t *type, const uint8_t *bytes, size_t length) {
  const field_t *key_field = &type->entry->fields[0], *value_field = &type->entry->fields[1];
  PyObject *dict = PyDict_New();
  size_t used = 0;
  while (dict && used < length) {
    const uint8_t *source = bytes + used++ * type->layout.size;
    PyObject *value = NULL;
    PyObject *key = lift_load(key_field->type, source + key_field->offset);
    if (key) {
      value = lift_load(value_field->type, source + value_field->offset);
    } else {
      lift_discard(value_field->type, source + value_field->offset);
    }
    if (!value || PyDict_SetItem(dict, key, value) < 0) {
      Py_CLEAR(dict);
    }
    Py_XDECREF(value);
    Py_XDECREF(key);
  }
  discard_items(type, bytes + used * type->layout.size, length - used);
  return dict;
}

PyObject *lift_list(size_t index, uint8_t *bytes, size_t length) {
  const list_t *type = &runtime.lists[index];
  PyObject *result = type->entry ? lift_entries(type, bytes, length) : lift_items(type, bytes, length);
  call_free_lifted(bytes, length * type->layout.size);
  return result;
}

// --- Values in memory --------------------------------------------------------------------------------------------

#define AT(item_type) (*(const item_type *)source)

static uint32_t load_tag(const uint8_t *source, uint32_t size) {
  return size == 1 ? AT(uint8_t) : size == 2 ? AT(uint16_t) : AT(uint32_t);
}

static void discard_fields(const product_t *product, const uint8_t *source, size_t first) {
  for (size_t i = first; i < product->count; i++) {
    lift_discard(product->fields[i].type, source + product->fields[i].offset);
  }
}

static PyObject *load_product(const product_t *product, const uint8_t *source) {
  if (product->items) {
    return lift_items(product->items, source, product->count);
  }
  PyObject *inline_fields[16];
  PyObject **fields = product->count <= 16 ? inline_fields : PyMem_Calloc(product->count, sizeof(PyObject *));
  if (!fields) {
    discard_fields(product, source, 0);
    return PyErr_NoMemory();
  }
  size_t loaded = 0;
  while (loaded < product->count) {
    fields[loaded] = lift_load(product->fields[loaded].type, source + product->fields[loaded].offset);
    if (!fields[loaded]) {
      break;
    }
    loaded++;
  }
  PyObject *result = NULL;
  if (loaded == product->count) {
    result = lift_product(product, fields);
  } else {
    discard_fields(product, source, loaded + 1);
    while (loaded > 0) {
      Py_DECREF(fields[--loaded]);
    }
  }
  if (fields != inline_fields) {
    PyMem_Free(fields);
  }
  return result;
}

static PyObject *load_sum(wit_type_t type, const uint8_t *source) {
  const sum_t *sum = type_sum(type);
  uint32_t tag = load_tag(source, sum->tag_size);
  if (tag >= sum->count) {
    die_of_bug("a discriminant that the type does not have");
  }
  PyObject *payload = NULL;
  if (sum->cases[tag].type != WIT_TYPE_EMPTY) {
    payload = lift_load(sum->cases[tag].type, source + sum->payload_offset);
    if (!payload) {
      return NULL;
    }
  }
  return lift_case(type, tag, payload);
}

PyObject *lift_load(wit_type_t type, const uint8_t *source) {
  size_t index = WIT_TYPE_INDEX(type);
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_U8:
    return PyLong_FromLong(AT(uint8_t));
  case WIT_TYPE_S8:
    return PyLong_FromLong(AT(int8_t));
  case WIT_TYPE_U16:
    return PyLong_FromLong(AT(uint16_t));
  case WIT_TYPE_S16:
    return PyLong_FromLong(AT(int16_t));
  case WIT_TYPE_U32:
    return PyLong_FromUnsignedLong(AT(uint32_t));
  case WIT_TYPE_S32:
    return PyLong_FromLong(AT(int32_t));
  case WIT_TYPE_U64:
    return PyLong_FromUnsignedLongLong(AT(uint64_t));
  case WIT_TYPE_S64:
    return PyLong_FromLongLong(AT(int64_t));
  case WIT_TYPE_F32:
    return lift_float(AT(float));
  case WIT_TYPE_F64:
    return PyFloat_FromDouble(AT(double));
  case WIT_TYPE_BOOL:
    return PyBool_FromLong(AT(uint8_t));
  case WIT_TYPE_CHAR:
    return lift_char(AT(uint32_t));
  case WIT_TYPE_STRING:
    return lift_string((uint8_t *)AT(uintptr_t), ((const size_t *)source)[1]);
  case WIT_TYPE_LIST:
    return lift_list(index, (uint8_t *)AT(uintptr_t), ((const size_t *)source)[1]);
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE:
    return load_product(type_product(type), source);
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT:
    return load_sum(type, source);
  case WIT_TYPE_ENUM:
    return lift_enum(index, load_tag(source, runtime.enums[index].layout.size));
  case WIT_TYPE_FLAGS:
    return lift_flags(index, load_tag(source, runtime.flags[index].layout.size));
  case WIT_TYPE_OWN:
    return resource_lift_own(index, AT(uint32_t));
  case WIT_TYPE_BORROW:
    return resource_lift_borrow(index, AT(uint32_t));
  case WIT_TYPE_STREAM:
    return runtime.async->lift_stream(index, AT(uint32_t));
  case WIT_TYPE_FUTURE:
    return runtime.async->lift_future(index, AT(uint32_t));
  default:
    die_of_bug("a value of a type that cannot be lifted");
  }
}
