// The glue's pops: they read the tape in the order in which `lower_value` wrote it.
#include "runtime.h"

#include <string.h>

static uint64_t next(void *cx) {
  call_t *call = cx;
  if (call->read >= call->written) {
    die_of_bug("the glue popped more than was lowered");
  }
  return call->tape[call->read++];
}

#define POP(suffix, c_type) \
  EXPORTED c_type wit_dylib_pop_##suffix(void *cx) { return (c_type)next(cx); }

POP(u8, uint8_t)
POP(u16, uint16_t)
POP(u32, uint32_t)
POP(u64, uint64_t)
POP(s8, int8_t)
POP(s16, int16_t)
POP(s32, int32_t)
POP(s64, int64_t)
POP(bool, bool)
POP(char, uint32_t)

EXPORTED float wit_dylib_pop_f32(void *cx) {
  uint64_t bits = next(cx);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

EXPORTED double wit_dylib_pop_f64(void *cx) {
  uint64_t bits = next(cx);
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#define POP_TYPED(suffix)                                         \
  EXPORTED uint32_t wit_dylib_pop_##suffix(void *cx, size_t ty) { \
    (void)ty;                                                     \
    return (uint32_t)next(cx);                                    \
  }

POP_TYPED(own)
POP_TYPED(borrow)
POP_TYPED(stream)
POP_TYPED(future)
POP_TYPED(enum)
POP_TYPED(flags)
POP_TYPED(option)
POP_TYPED(result)
POP_TYPED(variant)

EXPORTED size_t wit_dylib_pop_string(void *cx, char **pointer) {
  *pointer = (char *)(uintptr_t)next(cx);
  return (size_t)next(cx);
}

EXPORTED size_t wit_dylib_pop_list(void *cx, size_t ty, void **pointer) {
  (void)ty;
  *pointer = (void *)(uintptr_t)next(cx);
  return (size_t)next(cx);
}

// Fields follow each other on the tape, so taking a record apart needs no work.
EXPORTED void wit_dylib_pop_record(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
}

EXPORTED void wit_dylib_pop_tuple(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
}

EXPORTED void wit_dylib_pop_iter_next(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
  die_of_bug("a list is always lowered as a whole");
}

EXPORTED void wit_dylib_pop_iter(void *cx, size_t ty) {
  (void)cx;
  (void)ty;
  die_of_bug("a list is always lowered as a whole");
}
