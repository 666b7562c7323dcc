// Functions for C code that call a Python function: a supply, because WebAssembly has no new functions at run time. Each type
// in the list has as many functions as it has slots, and each function runs what lies in its own slot.
#include "ffi.h"
#include "ffi_shapes.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS 8
#define MOST_PARAMETERS 5

typedef struct ffi_slot {
  ffi_cif *cif; // NULL for a slot that is free
  void (*fun)(ffi_cif *, void *, void **, void *);
  void *user_data;
} slot_t;

typedef struct {
  const char *signature;
  slot_t *slots;
  void (*const *functions)(void);
} supply_t;

__attribute__((noinline)) static ffi_value_t run(const slot_t *slot, ffi_value_t *v) {
  ffi_cif *cif = slot->cif;
  if (!cif) {
    return (ffi_value_t){.l = 0}; // Python has freed the function, and C code still has it.
  }
  void *arguments[MOST_PARAMETERS + 1];
  for (unsigned n = 0; n < cif->nargs; n++) {
    ffi_kind_t kind = ffi_kind(cif->arg_types[n]);
    arguments[n] = kind == MEMORY ? (void *)v->i : v;
    v += kind == QUAD ? 2 : kind == NOTHING ? 0 : 1;
  }
  ffi_value_t result = {.l = 0};
  slot->fun(cif, &result, arguments, slot->user_data);
  if (ffi_kind(cif->rtype) == WORD) {
    result.i = ffi_read_word(cif->rtype, &result);
  }
  return result;
}

#define TYPE_v void
#define TYPE_i int32_t
#define TYPE_l int64_t
#define TYPE_f float
#define TYPE_d double
#define RETURN_v
#define RETURN_i return
#define RETURN_l return
#define RETURN_f return
#define RETURN_d return
#define OF_v
#define OF_i .i
#define OF_l .l
#define OF_f .f
#define OF_d .d

#define TAKES0() void
#define TAKES1(a) TYPE_##a p
#define TAKES2(a, b) TAKES1(a), TYPE_##b q
#define TAKES3(a, b, c) TAKES2(a, b), TYPE_##c r
#define TAKES4(a, b, c, d) TAKES3(a, b, c), TYPE_##d s
#define TAKES5(a, b, c, d, e) TAKES4(a, b, c, d), TYPE_##e t
#define VALUES0() {0}
#define VALUES1(a) {OF_##a = p}
#define VALUES2(a, b) VALUES1(a), {OF_##b = q}
#define VALUES3(a, b, c) VALUES2(a, b), {OF_##c = r}
#define VALUES4(a, b, c, d) VALUES3(a, b, c), {OF_##d = s}
#define VALUES5(a, b, c, d, e) VALUES4(a, b, c, d), {OF_##e = t}

// One function, with the number of its slot.
#define MAKE(name, n, result, count, ...)                      \
  static TYPE_##result name##_##n(TAKES##count(__VA_ARGS__)) { \
    ffi_value_t v[] = {VALUES##count(__VA_ARGS__)};            \
    RETURN_##result run(&name##_slots[n], v) OF_##result;      \
  }
#define LIST(name, n, ...) (void (*)(void))name##_##n,
#define EACH(X, name, ...)                                                                        \
  X(name, 0, __VA_ARGS__) X(name, 1, __VA_ARGS__) X(name, 2, __VA_ARGS__) X(name, 3, __VA_ARGS__) \
  X(name, 4, __VA_ARGS__) X(name, 5, __VA_ARGS__) X(name, 6, __VA_ARGS__) X(name, 7, __VA_ARGS__)
#define SUPPLY(name, ...)            \
  static slot_t name##_slots[SLOTS]; \
  EACH(MAKE, name, __VA_ARGS__)      \
  static void (*const name##_functions[SLOTS])(void) = {EACH(LIST, name, )};
#define ROW(name, ...) {#name, name##_slots, name##_functions},

// The names are the types: the result, then the parameters.
#define ALL(X)                   \
  X(v, v, 0)                     \
  X(vi, v, 1, i)                 \
  X(vii, v, 2, i, i)             \
  X(viii, v, 3, i, i, i)         \
  X(viiii, v, 4, i, i, i, i)     \
  X(viiiii, v, 5, i, i, i, i, i) \
  X(i, i, 0)                     \
  X(ii, i, 1, i)                 \
  X(iii, i, 2, i, i)             \
  X(iiii, i, 3, i, i, i)         \
  X(iiiii, i, 4, i, i, i, i)     \
  X(iiiiii, i, 5, i, i, i, i, i) \
  X(iil, i, 2, i, l)             \
  X(id, i, 1, d)                 \
  X(ll, l, 1, l)                 \
  X(lil, l, 2, i, l)             \
  X(lli, l, 2, l, i)             \
  X(ff, f, 1, f)                 \
  X(fif, f, 2, i, f)             \
  X(dd, d, 1, d)                 \
  X(ddd, d, 2, d, d)             \
  X(ddi, d, 2, d, i)             \
  X(did, d, 2, i, d)             \
  X(dii, d, 2, i, i)

ALL(SUPPLY)
static const supply_t supplies[] = {ALL(ROW)};

void *ffi_closure_alloc(size_t size, void **code) {
  *code = NULL; // its type is not known yet
  return calloc(1, size > sizeof(ffi_closure) ? size : sizeof(ffi_closure));
}

void ffi_closure_free(void *allocated) {
  ffi_closure *closure = allocated;
  if (closure->slot) {
    *closure->slot = (slot_t){0};
  }
  free(closure);
}

ffi_status ffi_prep_closure_loc(ffi_closure *closure, ffi_cif *cif, void (*fun)(ffi_cif *, void *, void **, void *),
                                void *user_data, void *code) {
  (void)code;
  ffi_kind_t result = ffi_kind(cif->rtype);
  if (result == MEMORY || result == QUAD || cif->nargs > MOST_PARAMETERS) {
    return FFI_BAD_TYPEDEF;
  }
  for (size_t n = 0; n < sizeof supplies / sizeof *supplies; n++) {
    const supply_t *supply = &supplies[n];
    for (size_t at = 0; strcmp(supply->signature, cif->signature) == 0; at++) {
      if (at == SLOTS) {
        return FFI_BAD_ABI;
      }
      if (!supply->slots[at].cif) {
        supply->slots[at] = (slot_t){cif, fun, user_data};
        closure->slot = &supply->slots[at];
        closure->code = supply->functions[at];
        closure->user_data = user_data;
        return FFI_OK;
      }
    }
  }
  return FFI_BAD_TYPEDEF;
}

const char *ffi_closure_type(void (*function)(void)) {
  for (size_t n = 0; n < sizeof supplies / sizeof *supplies; n++) {
    for (size_t at = 0; at < SLOTS; at++) {
      if (supplies[n].functions[at] == function) {
        return supplies[n].signature;
      }
    }
  }
  return NULL;
}

const char *ffi_no_closure(ffi_status status) {
  return status == FFI_BAD_ABI
             ? "components have no more functions of this type for C code: WebAssembly makes none at run time"
             : "components have no functions of this type for C code: WebAssembly makes none at run time";
}
