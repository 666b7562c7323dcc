// One call for each type of function that `ctypes` may call: up to three parameters of any kinds, up to six with
// integers or pointers and `double`, up to five with integers of 32 and 64 bits, up to twelve that are all integers of
// 32 bits or pointers, and some more. This is a table of types, written with macros: `i` is a parameter of 32 bits, `l`
// an integer of 64, `f` a float, `d` a double. `RESULTS` are the results of each list.
#include "ffi_shapes.h"

#include <stddef.h>
#include <string.h>

#define KIND_i 0
#define KIND_l 1
#define KIND_f 2
#define KIND_d 3
#define TYPE_i int32_t
#define TYPE_l int64_t
#define TYPE_f float
#define TYPE_d double

// The key of a list of parameters: a one, then two bits for each.
#define KEY1(a) (4u | KIND_##a)
#define KEY2(a, b) (KEY1(a) * 4 | KIND_##b)
#define KEY3(a, b, c) (KEY2(a, b) * 4 | KIND_##c)
#define KEY4(a, b, c, d) (KEY3(a, b, c) * 4 | KIND_##d)
#define KEY5(a, b, c, d, e) (KEY4(a, b, c, d) * 4 | KIND_##e)
#define KEY6(a, b, c, d, e, f) (KEY5(a, b, c, d, e) * 4 | KIND_##f)
#define KEY7(a, b, c, d, e, f, g) (KEY6(a, b, c, d, e, f) * 4 | KIND_##g)
#define KEY8(a, b, c, d, e, f, g, h) (KEY7(a, b, c, d, e, f, g) * 4 | KIND_##h)

#define TYPES1(a) TYPE_##a
#define TYPES2(a, b) TYPES1(a), TYPE_##b
#define TYPES3(a, b, c) TYPES2(a, b), TYPE_##c
#define TYPES4(a, b, c, d) TYPES3(a, b, c), TYPE_##d
#define TYPES5(a, b, c, d, e) TYPES4(a, b, c, d), TYPE_##e
#define TYPES6(a, b, c, d, e, f) TYPES5(a, b, c, d, e), TYPE_##f
#define TYPES7(a, b, c, d, e, f, g) TYPES6(a, b, c, d, e, f), TYPE_##g
#define TYPES8(a, b, c, d, e, f, g, h) TYPES7(a, b, c, d, e, f, g), TYPE_##h

#define FIELD_i(at) v[at].i
#define FIELD_l(at) v[at].l
#define FIELD_f(at) v[at].f
#define FIELD_d(at) v[at].d
#define VALUES1(a) FIELD_##a(0)
#define VALUES2(a, b) VALUES1(a), FIELD_##b(1)
#define VALUES3(a, b, c) VALUES2(a, b), FIELD_##c(2)
#define VALUES4(a, b, c, d) VALUES3(a, b, c), FIELD_##d(3)
#define VALUES5(a, b, c, d, e) VALUES4(a, b, c, d), FIELD_##e(4)
#define VALUES6(a, b, c, d, e, f) VALUES5(a, b, c, d, e), FIELD_##f(5)
#define VALUES7(a, b, c, d, e, f, g) VALUES6(a, b, c, d, e, f), FIELD_##g(6)
#define VALUES8(a, b, c, d, e, f, g, h) VALUES7(a, b, c, d, e, f, g), FIELD_##h(7)

#define NO_RESULT(types, values)                     \
  case 'v':                                          \
    ((void (*) types)function) values;               \
    return true;
#define WORD_RESULT(types, values)                   \
  case 'i':                                          \
    result->i = ((int32_t(*) types)function) values; \
    return true;
#define LONG_RESULT(types, values)                   \
  case 'l':                                          \
    result->l = ((int64_t(*) types)function) values; \
    return true;
#define FLOAT_RESULT(types, values)                  \
  case 'f':                                          \
    result->f = ((float (*) types)function) values;  \
    return true;
#define DOUBLE_RESULT(types, values)                 \
  case 'd':                                          \
    result->d = ((double (*) types)function) values; \
    return true;
#define CALL(key, types, values)             \
  case key:                                  \
    switch (kind) { RESULTS(types, values) } \
    return kind == 'n';

#define CALL1(...) CALL(KEY1(__VA_ARGS__), (TYPES1(__VA_ARGS__)), (VALUES1(__VA_ARGS__)))
#define CALL2(...) CALL(KEY2(__VA_ARGS__), (TYPES2(__VA_ARGS__)), (VALUES2(__VA_ARGS__)))
#define CALL3(...) CALL(KEY3(__VA_ARGS__), (TYPES3(__VA_ARGS__)), (VALUES3(__VA_ARGS__)))
#define CALL4(...) CALL(KEY4(__VA_ARGS__), (TYPES4(__VA_ARGS__)), (VALUES4(__VA_ARGS__)))
#define CALL5(...) CALL(KEY5(__VA_ARGS__), (TYPES5(__VA_ARGS__)), (VALUES5(__VA_ARGS__)))
#define CALL6(...) CALL(KEY6(__VA_ARGS__), (TYPES6(__VA_ARGS__)), (VALUES6(__VA_ARGS__)))
#define CALL7(...) CALL(KEY7(__VA_ARGS__), (TYPES7(__VA_ARGS__)), (VALUES7(__VA_ARGS__)))
#define CALL8(...) CALL(KEY8(__VA_ARGS__), (TYPES8(__VA_ARGS__)), (VALUES8(__VA_ARGS__)))

// All lists that follow from a beginning and two or four kinds. A macro cannot use itself, so there is one for each depth.
#define EACH_OF_4(X, ...) X(__VA_ARGS__, i) X(__VA_ARGS__, l) X(__VA_ARGS__, f) X(__VA_ARGS__, d)
#define ANY2(...) EACH_OF_4(CALL2, __VA_ARGS__)
#define ANY3(a) ANY3_AFTER(a, i) ANY3_AFTER(a, l) ANY3_AFTER(a, f) ANY3_AFTER(a, d)
#define ANY3_AFTER(...) EACH_OF_4(CALL3, __VA_ARGS__)
#define MIX4(k, ...) CALL4(__VA_ARGS__, i) CALL4(__VA_ARGS__, k)
#define MIX5(k, ...) CALL5(__VA_ARGS__, i) CALL5(__VA_ARGS__, k)
#define MIX5_FROM3(k, ...) MIX5(k, __VA_ARGS__, i) MIX5(k, __VA_ARGS__, k)
#define MIX6(k, ...) CALL6(__VA_ARGS__, i) CALL6(__VA_ARGS__, k)
#define MIX6_FROM4(k, ...) MIX6(k, __VA_ARGS__, i) MIX6(k, __VA_ARGS__, k)
#define MIX6_FROM3(k, ...) MIX6_FROM4(k, __VA_ARGS__, i) MIX6_FROM4(k, __VA_ARGS__, k)
#define AFTER_3(X, k)                                                                                          \
  X(k, i, i, i) X(k, i, i, k) X(k, i, k, i) X(k, i, k, k) X(k, k, i, i) X(k, k, i, k) X(k, k, k, i) X(k, k, k, k)

#define RESULTS(...)                                                       \
  NO_RESULT(__VA_ARGS__) WORD_RESULT(__VA_ARGS__) LONG_RESULT(__VA_ARGS__) \
  FLOAT_RESULT(__VA_ARGS__) DOUBLE_RESULT(__VA_ARGS__)
static bool call_few(unsigned key, char kind, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  switch (key) {
    CALL(1, (void), ())
    CALL1(i) CALL1(l) CALL1(f) CALL1(d)
    ANY2(i) ANY2(l) ANY2(f) ANY2(d)
    ANY3(i) ANY3(l) ANY3(f) ANY3(d)
  }
  return false;
}

// CPython's own tests pass arguments of all sizes.
static bool call_more(unsigned key, char kind, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  switch (key) {
    CALL6(i, i, i, i, f, d)
    CALL7(i, i, i, i, f, d, l)
    CALL8(i, i, i, i, i, f, l, l)
  }
  return false;
}

#undef RESULTS
#define RESULTS(...) NO_RESULT(__VA_ARGS__) WORD_RESULT(__VA_ARGS__) DOUBLE_RESULT(__VA_ARGS__)
static bool call_doubles(unsigned key, char kind, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  switch (key) {
    AFTER_3(MIX4, d)
    AFTER_3(MIX5_FROM3, d)
    AFTER_3(MIX6_FROM3, d)
  }
  return false;
}

#undef RESULTS
#define RESULTS(...) NO_RESULT(__VA_ARGS__) WORD_RESULT(__VA_ARGS__) LONG_RESULT(__VA_ARGS__)
static bool call_longs(unsigned key, char kind, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  switch (key) {
    AFTER_3(MIX4, l)
    AFTER_3(MIX5_FROM3, l)
  }
  return false;
}

#undef RESULTS
#define RESULTS(...) \
  NO_RESULT(__VA_ARGS__) WORD_RESULT(__VA_ARGS__) LONG_RESULT(__VA_ARGS__) DOUBLE_RESULT(__VA_ARGS__)
#define I6 int32_t, int32_t, int32_t, int32_t, int32_t, int32_t
#define V6 v[0].i, v[1].i, v[2].i, v[3].i, v[4].i, v[5].i

static bool call_words(size_t count, char kind, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  switch (count) {
    CALL(4, (TYPES4(i, i, i, i)), (VALUES4(i, i, i, i)))
    CALL(5, (TYPES5(i, i, i, i, i)), (VALUES5(i, i, i, i, i)))
    CALL(6, (I6), (V6))
    CALL(7, (I6, TYPES1(i)), (V6, v[6].i))
    CALL(8, (I6, TYPES2(i, i)), (V6, v[6].i, v[7].i))
    CALL(9, (I6, TYPES3(i, i, i)), (V6, v[6].i, v[7].i, v[8].i))
    CALL(10, (I6, TYPES4(i, i, i, i)), (V6, v[6].i, v[7].i, v[8].i, v[9].i))
    CALL(11, (I6, TYPES5(i, i, i, i, i)), (V6, v[6].i, v[7].i, v[8].i, v[9].i, v[10].i))
    CALL(12, (I6, I6), (V6, v[6].i, v[7].i, v[8].i, v[9].i, v[10].i, v[11].i))
  }
  return false;
}

static unsigned kind_of(char letter) {
  return letter == 'i' ? KIND_i : letter == 'l' ? KIND_l : letter == 'f' ? KIND_f : KIND_d;
}

bool ffi_call_shape(const char *signature, void (*function)(void), const ffi_value_t *v, ffi_value_t *result) {
  const char *parameters = signature + 1;
  size_t count = strlen(parameters);
  char kind = function ? signature[0] : 'n'; // no call
  if (count > 3 && strspn(parameters, "i") == count) {
    return strchr("vild", signature[0]) && call_words(count, kind, function, v, result);
  }
  if (count > 8) {
    return false;
  }
  unsigned key = 1;
  for (size_t n = 0; n < count; n++) {
    key = key * 4 | kind_of(parameters[n]);
  }
  if (count <= 3) {
    return call_few(key, kind, function, v, result);
  }
  return (strchr("vid", signature[0]) && call_doubles(key, kind, function, v, result)) ||
         (strchr("vil", signature[0]) && call_longs(key, kind, function, v, result)) ||
         call_more(key, kind, function, v, result);
}
