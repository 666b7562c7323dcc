// The glue's pushes: they build objects from their parts, on the stack of the call.
//
// Once lifting has failed, the glue continues to push the rest of the value. Python is not called again then, since an
// exception is set. Memory and handles of the rest are discarded, and placeholders keep the stack's depth right.
#include "runtime.h"

#define PUSH_SCALAR(suffix, c_type, construct)                       \
  EXPORTED void wit_dylib_push_##suffix(void *cx, c_type value) {    \
    call_push(cx, ((call_t *)cx)->failed ? NULL : construct(value)); \
  }

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
PUSH_SCALAR(f32, float, lift_float)
PUSH_SCALAR(f64, double, PyFloat_FromDouble)

#define PUSH_TYPED(suffix, lift)                                             \
  EXPORTED void wit_dylib_push_##suffix(void *cx, size_t ty, uint32_t value) { \
    call_push(cx, ((call_t *)cx)->failed ? NULL : lift(ty, value));          \
  }

PUSH_TYPED(flags, lift_flags)
PUSH_TYPED(enum, lift_enum)

#define PUSH_HANDLE(suffix, kind, lift)                                        \
  EXPORTED void wit_dylib_push_##suffix(void *cx, size_t ty, uint32_t handle) { \
    if (((call_t *)cx)->failed) {                                              \
      discard_handle(kind | (uint32_t)ty << 8, handle);                        \
      call_push(cx, NULL);                                                     \
    } else {                                                                   \
      call_push(cx, lift(ty, handle));                                         \
    }                                                                          \
  }

PUSH_HANDLE(own, WIT_TYPE_OWN, resource_lift_own)
PUSH_HANDLE(borrow, WIT_TYPE_BORROW, resource_lift_borrow)
PUSH_HANDLE(stream, WIT_TYPE_STREAM, runtime.async->lift_stream)
PUSH_HANDLE(future, WIT_TYPE_FUTURE, runtime.async->lift_future)

EXPORTED void wit_dylib_push_string(void *cx, uint8_t *bytes, size_t length) {
  call_t *call = cx;
  if (call->failed) {
    discard_string(bytes, length);
    call_push(call, NULL);
  } else {
    call_push(call, lift_string(bytes, length));
  }
}

EXPORTED bool wit_dylib_push_list(void *cx, size_t ty, uint8_t *bytes, size_t length) {
  call_t *call = cx;
  if (call->failed) {
    discard_list(&runtime.lists[ty], bytes, length);
    call_push(call, NULL);
  } else {
    call_push(call, lift_list(ty, bytes, length));
  }
  return true;
}

EXPORTED void wit_dylib_list_append(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
  die_of_bug("a list is always lifted as a whole");
}

// The fields are at the top of the stack, the last one topmost.
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
