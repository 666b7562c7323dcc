// Lifting: canonical ABI -> Python objects.
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

// --- Objects from their parts ------------------------------------------------------------------------------------

static PyObject *lift_char(uint32_t value) { return PyUnicode_FromOrdinal((int)value); }

// Frees `bytes`.
static PyObject *lift_string(uint8_t *bytes, size_t length) {
  PyObject *result = PyUnicode_DecodeUTF8((const char *)bytes, (Py_ssize_t)length, "strict");
  if (length > 0) {
    free(bytes);
  }
  return result;
}

// `fields` are new references, which this takes.
static PyObject *lift_product(const product_t *product, PyObject **fields) {
  PyObject *result;
  if (product->class) {
    result = PyObject_Vectorcall(product->class, fields, product->count, NULL);
    for (size_t i = 0; i < product->count; i++) {
      Py_DECREF(fields[i]);
    }
    return result;
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

// Takes `payload`, which is NULL for a case without one.
static PyObject *lift_case(wit_type_t type, uint32_t tag, PyObject *payload) {
  const variant_case_t *item = &type_sum(type)->cases[tag];
  if (!item->class) { // an option that needs no box
    return tag ? payload : Py_NewRef(Py_None);
  }
  PyObject *result;
  if (payload) {
    result = PyObject_CallOneArg(item->class, payload);
    Py_DECREF(payload);
  } else if (WIT_TYPE_KIND(type) == WIT_TYPE_RESULT) {
    result = PyObject_CallOneArg(item->class, Py_None);
  } else {
    result = PyObject_CallNoArgs(item->class);
  }
  return result;
}

static PyObject *lift_flags(size_t index, uint32_t bits) {
  PyObject *number = PyLong_FromUnsignedLong(bits);
  PyObject *result = number ? PyObject_CallOneArg(runtime.flags[index].class, number) : NULL;
  Py_XDECREF(number);
  return result;
}

static PyObject *lift_enum(size_t index, uint32_t value) { return Py_NewRef(runtime.enums[index].members[value]); }

// --- Lists -------------------------------------------------------------------------------------------------------

// A loop that the compiler specialises for one item type, with no call per element but the constructor.
#define FILL(item_type, construct)                                          \
  for (size_t i = 0; i < length; i++) {                                     \
    PyObject *item = construct(((const item_type *)bytes)[i]);              \
    if (!item) {                                                            \
      Py_DECREF(list);                                                      \
      return NULL;                                                          \
    }                                                                       \
    PyList_SET_ITEM(list, (Py_ssize_t)i, item);                             \
  }                                                                         \
  break

// Lifts the elements; the buffer stays the caller's.
static PyObject *lift_elements(const list_t *type, const uint8_t *bytes, size_t length) {
  if (type->element == WIT_TYPE_U8 || type->element == WIT_TYPE_S8) {
    return PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)length);
  }
  PyObject *list = PyList_New((Py_ssize_t)length);
  if (!list) {
    return NULL;
  }
  switch (type->element) {
  case WIT_TYPE_F64:
    FILL(double, PyFloat_FromDouble);
  case WIT_TYPE_F32:
    FILL(float, PyFloat_FromDouble);
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
  default:
    for (size_t i = 0; i < length; i++) {
      PyObject *item = lift_load(type->element, bytes + i * type->layout.size);
      if (!item) {
        Py_DECREF(list);
        return NULL;
      }
      PyList_SET_ITEM(list, (Py_ssize_t)i, item);
    }
  }
  return list;
}

// Frees `bytes`.
static PyObject *lift_list(size_t index, uint8_t *bytes, size_t length) {
  const list_t *type = &runtime.lists[index];
  PyObject *result = lift_elements(type, bytes, length);
  if (length * type->layout.size > 0) {
    free(bytes);
  }
  return result;
}

// --- Values in memory --------------------------------------------------------------------------------------------

#define AT(item_type) (*(const item_type *)source)

static uint32_t load_tag(const uint8_t *source, uint32_t size) {
  return size == 1 ? AT(uint8_t) : size == 2 ? AT(uint16_t) : AT(uint32_t);
}

static PyObject *load_product(const product_t *product, const uint8_t *source) {
  PyObject *inline_fields[16];
  PyObject **fields = product->count <= 16 ? inline_fields : PyMem_Calloc(product->count, sizeof(PyObject *));
  if (!fields) {
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
    return PyFloat_FromDouble(AT(float));
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

// --- What the glue pushes ----------------------------------------------------------------------------------------

#define PUSH_SCALAR(suffix, c_type, construct) \
  EXPORTED void wit_dylib_push_##suffix(void *cx, c_type value) { call_push(cx, construct(value)); }

PUSH_SCALAR(bool, bool, PyBool_FromLong)
PUSH_SCALAR(char, uint32_t, lift_char)
PUSH_SCALAR(u8, uint8_t, PyLong_FromLong)
PUSH_SCALAR(s8, int8_t, PyLong_FromLong)
PUSH_SCALAR(u16, uint16_t, PyLong_FromLong)
PUSH_SCALAR(s16, int16_t, PyLong_FromLong)
PUSH_SCALAR(u32, uint32_t, PyLong_FromUnsignedLong)
PUSH_SCALAR(s32, int32_t, PyLong_FromLong)
PUSH_SCALAR(u64, uint64_t, PyLong_FromUnsignedLongLong)
PUSH_SCALAR(s64, int64_t, PyLong_FromLongLong)
PUSH_SCALAR(f32, float, PyFloat_FromDouble)
PUSH_SCALAR(f64, double, PyFloat_FromDouble)

#define PUSH_TYPED(suffix, lift) \
  EXPORTED void wit_dylib_push_##suffix(void *cx, size_t ty, uint32_t value) { call_push(cx, lift(ty, value)); }

PUSH_TYPED(flags, lift_flags)
PUSH_TYPED(enum, lift_enum)
PUSH_TYPED(own, resource_lift_own)
PUSH_TYPED(borrow, resource_lift_borrow)
PUSH_TYPED(stream, runtime.async->lift_stream)
PUSH_TYPED(future, runtime.async->lift_future)

EXPORTED void wit_dylib_push_string(void *cx, uint8_t *bytes, size_t length) {
  call_push(cx, lift_string(bytes, length));
}

EXPORTED bool wit_dylib_push_list(void *cx, size_t ty, uint8_t *bytes, size_t length) {
  call_push(cx, lift_list(ty, bytes, length));
  return true;
}

EXPORTED void wit_dylib_list_append(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
  die_of_bug("a list is always lifted as a whole");
}

// The fields are the top of the stack, the last one topmost.
static void push_product(call_t *call, const product_t *product) {
  if (call->depth < product->count) {
    die_of_bug("the glue pushed too few fields");
  }
  call->depth -= product->count;
  if (call->failed) {
    for (size_t i = 0; i < product->count; i++) {
      Py_DECREF(call->stack[call->depth + i]);
    }
    call_push(call, NULL);
    return;
  }
  call_push(call, lift_product(product, &call->stack[call->depth]));
}

EXPORTED void wit_dylib_push_record(void *cx, size_t ty) { push_product(cx, &runtime.records[ty]); }
EXPORTED void wit_dylib_push_tuple(void *cx, size_t ty) { push_product(cx, &runtime.tuples[ty]); }

static void push_case(call_t *call, wit_type_t type, uint32_t tag) {
  bool has_payload = type_sum(type)->cases[tag].type != WIT_TYPE_EMPTY;
  PyObject *payload = has_payload ? call_pop(call) : NULL;
  if (call->failed) {
    Py_XDECREF(payload);
    call_push(call, NULL);
    return;
  }
  call_push(call, lift_case(type, tag, payload));
}

#define PUSH_SUM(suffix, kind)                                               \
  EXPORTED void wit_dylib_push_##suffix(void *cx, size_t ty, uint32_t tag) { \
    push_case(cx, kind | (uint32_t)ty << 8, tag);                            \
  }

PUSH_SUM(option, WIT_TYPE_OPTION)
PUSH_SUM(result, WIT_TYPE_RESULT)
PUSH_SUM(variant, WIT_TYPE_VARIANT)
