// `ffi_prep_cif` and `ffi_call` for WebAssembly's C ABI: a struct of one number is passed as that number, any other by the
// address of a copy; `long double` is two integers of 64 bits; the arguments of `...` lie in memory, and one pointer
// to them follows the others; a result that is not a number is written to an address that comes before all arguments.
#include "ffi.h"

#include "ffi_shapes.h"

#include <stdio.h>
#include <string.h>

#define NUMBER(name, kind, c_type) \
  ffi_type ffi_type_##name = {sizeof(c_type), _Alignof(c_type), FFI_TYPE_##kind, NULL}

ffi_type ffi_type_void = {1, 1, FFI_TYPE_VOID, NULL};
NUMBER(float, FLOAT, float);
NUMBER(double, DOUBLE, double);
NUMBER(longdouble, LONGDOUBLE, long double);
NUMBER(pointer, POINTER, void *);
NUMBER(uint8, UINT8, uint8_t);
NUMBER(sint8, SINT8, int8_t);
NUMBER(uint16, UINT16, uint16_t);
NUMBER(sint16, SINT16, int16_t);
NUMBER(uint32, UINT32, uint32_t);
NUMBER(sint32, SINT32, int32_t);
NUMBER(uint64, UINT64, uint64_t);
NUMBER(sint64, SINT64, int64_t);

const char ffi_no_shape[] =
    "components cannot call functions with so many arguments, or with these kinds: a type of function must be known when "
    "the component is built";

// The number that a struct consists of, or the type itself.
static const ffi_type *lone(const ffi_type *type) {
  const ffi_type *inner = type;
  while (inner->type == FFI_TYPE_STRUCT) {
    if (!inner->elements || !inner->elements[0] || inner->elements[1]) {
      return type;
    }
    inner = inner->elements[0];
  }
  return inner->size == type->size ? inner : type;
}

ffi_kind_t ffi_kind(const ffi_type *type) {
  type = lone(type);
  switch (type->type) {
  case FFI_TYPE_VOID:
    return NOTHING;
  case FFI_TYPE_FLOAT:
    return FLOAT;
  case FFI_TYPE_DOUBLE:
    return DOUBLE;
  case FFI_TYPE_LONGDOUBLE:
    return QUAD;
  case FFI_TYPE_UINT64:
  case FFI_TYPE_SINT64:
    return LONG;
  case FFI_TYPE_STRUCT:
    return type->size ? MEMORY : NOTHING;
  case FFI_TYPE_COMPLEX:
    return REFUSED;
  default:
    return WORD;
  }
}

int32_t ffi_read_word(const ffi_type *type, const void *value) {
  switch (lone(type)->type) {
  case FFI_TYPE_UINT8:
    return *(const uint8_t *)value;
  case FFI_TYPE_SINT8:
    return *(const int8_t *)value;
  case FFI_TYPE_UINT16:
    return *(const uint16_t *)value;
  case FFI_TYPE_SINT16:
    return *(const int16_t *)value;
  default:
    return *(const int32_t *)value;
  }
}

static size_t aligned(size_t offset, size_t alignment) { return (offset + alignment - 1) / alignment * alignment; }

// The size and alignment of a struct that has none yet, by the rules of C.
static ffi_status lay_out(ffi_type *type) {
  if (type->type != FFI_TYPE_STRUCT || type->size) {
    return FFI_OK;
  }
  if (!type->elements) {
    return FFI_BAD_TYPEDEF;
  }
  size_t size = 0;
  unsigned short alignment = type->alignment ? type->alignment : 1;
  for (ffi_type **element = type->elements; *element; element++) {
    ffi_status status = lay_out(*element);
    if (status != FFI_OK) {
      return status;
    }
    unsigned short own = (*element)->alignment ? (*element)->alignment : 1;
    size = aligned(size, own) + (*element)->size;
    alignment = own > alignment ? own : alignment;
  }
  type->size = aligned(size, alignment);
  type->alignment = alignment;
  return FFI_OK;
}

// Adds the letters of a parameter. Returns false if there are too many.
static bool add(char *signature, size_t *length, ffi_kind_t kind) {
  char letter[] = {(char)kind, 0};
  const char *letters = kind == QUAD ? "ll" : kind == MEMORY ? "i" : kind == NOTHING ? "" : letter;
  size_t more = strlen(letters);
  if (kind == REFUSED || *length + more > FFI_PARAMETERS + 1) {
    return false;
  }
  memcpy(signature + *length, letters, more + 1);
  *length += more;
  return true;
}

static ffi_status sign(ffi_cif *cif) {
  ffi_kind_t result = ffi_kind(cif->rtype);
  bool by_address = result == QUAD || result == MEMORY;
  size_t length = 1;
  cif->signature[0] = by_address ? 'v' : (char)result;
  cif->signature[1] = 0;
  bool fits = result != REFUSED;
  if (by_address) {
    fits = add(cif->signature, &length, WORD);
  }
  for (unsigned n = 0; fits && n < cif->fixed; n++) {
    fits = add(cif->signature, &length, ffi_kind(cif->arg_types[n]));
  }
  for (unsigned n = cif->fixed; fits && n < cif->nargs; n++) {
    fits = ffi_kind(cif->arg_types[n]) != REFUSED;
  }
  if (fits && cif->is_variadic) {
    fits = add(cif->signature, &length, WORD);
  }
  return fits && ffi_call_shape(cif->signature, NULL, NULL, NULL) ? FFI_OK : FFI_BAD_ARGTYPE;
}

static ffi_status prepare(ffi_cif *cif, ffi_abi abi) {
  if (abi != FFI_DEFAULT_ABI) {
    return FFI_BAD_ABI;
  }
  ffi_status status = lay_out(cif->rtype);
  for (unsigned n = 0; status == FFI_OK && n < cif->nargs; n++) {
    status = lay_out(cif->arg_types[n]);
  }
  return status == FFI_OK ? sign(cif) : status;
}

ffi_status ffi_prep_cif(ffi_cif *cif, ffi_abi abi, unsigned nargs, ffi_type *rtype, ffi_type **arg_types) {
  *cif = (ffi_cif){.abi = abi, .nargs = nargs, .arg_types = arg_types, .rtype = rtype, .fixed = nargs};
  return prepare(cif, abi);
}

ffi_status ffi_prep_cif_var(ffi_cif *cif, ffi_abi abi, unsigned fixed, unsigned nargs, ffi_type *rtype,
                            ffi_type **arg_types) {
  *cif = (ffi_cif){abi, nargs, arg_types, rtype, fixed, true, ""};
  return prepare(cif, abi);
}

// Fits a call to a function with `...`, which the caller may not know.
static bool fit_variadic(ffi_cif *cif, const char *signature) {
  size_t fixed = strlen(signature) - 2; // without the result and the dot
  if (cif->is_variadic || cif->nargs < fixed) {
    return cif->is_variadic && cif->fixed == fixed;
  }
  cif->fixed = fixed;
  cif->is_variadic = true;
  return sign(cif) == FFI_OK;
}

// Leaves out arguments that the function does not have, like other systems.
static bool fit_fewer(ffi_cif *cif, const char *type) {
  cif->is_variadic = false;
  for (unsigned n = cif->nargs + 1; n-- > 0;) {
    cif->nargs = cif->fixed = n;
    sign(cif);
    if (strcmp(cif->signature + 1, type + 1) == 0) {
      return true;
    }
  }
  return false;
}

typedef struct {
  void (*function)(void);
  const char *type;
  bool may_vary; // whether nobody knows if its last parameter stands for `...`
} known_t;

// The type of a function: from the list of names, from the linker for an extension's, or of a closure.
static const known_t *look_up(void (*function)(void)) {
  static known_t seen[64]; // by address, since looking it up takes long
  known_t *known = &seen[(uintptr_t)function % (sizeof seen / sizeof *seen)];
  if (known->function != function) {
    const ffi_named_t *named = ffi_named_at(function);
    const char *type = named ? named->signature : ffi_closure_type(function);
    bool may_vary = !type;
    *known = (known_t){function, type ? type : componentize_py_signature_of((void *)function), may_vary};
  }
  return known;
}

static const char *name_of(char letter) {
  switch (letter) {
  case 'i':
    return "i32";
  case 'l':
    return "i64";
  case 'f':
    return "f32";
  case 'd':
    return "f64";
  default:
    return letter == '.' ? "..." : "nothing";
  }
}

// Writes why a function is not called.
static const char *differs(const char *type) {
  static char reason[256];
  int length = snprintf(reason, sizeof reason, "the function has the WebAssembly type (");
  for (const char *letter = type + 1; *letter && length < 160; letter++) {
    length += snprintf(reason + length, sizeof reason - length, "%s%s", letter == type + 1 ? "" : ", ", name_of(*letter));
  }
  snprintf(reason + length, sizeof reason - length, ") -> %s, and no other can be called: see `argtypes` and `restype`",
           name_of(*type));
  return reason;
}

const char *ffi_fit(ffi_cif *cif, void (*function)(void)) {
  if (!function) {
    return "the function is a null pointer";
  }
  const known_t *known = look_up(function);
  const char *type = known->type;
  if (!type) {
    return NULL;
  }
  bool is_same = strcmp(cif->signature + 1, type + 1) == 0 && (known->may_vary || !cif->is_variadic);
  bool has_more = type[strlen(type) - 1] == '.';
  if (!is_same && !(has_more ? fit_variadic : fit_fewer)(cif, type)) {
    return differs(type);
  }
  char result = type[0], asked = cif->signature[0];
  // Callers that say nothing about the result ask for a word, which may be half of it or nothing.
  if (asked != result && asked != 'v' && !(asked == 'i' && (result == 'v' || result == 'l'))) {
    return differs(type);
  }
  cif->signature[0] = result;
  return ffi_call_shape(cif->signature, NULL, NULL, NULL) ? NULL : ffi_no_shape;
}

// Writes the parameters of an argument, and returns the place of the next ones. `copy` has room for a value in memory.
static ffi_value_t *pass(ffi_value_t *v, const ffi_type *type, const void *value, void *copy) {
  switch (ffi_kind(type)) {
  case WORD:
    v->i = ffi_read_word(type, value);
    break;
  case FLOAT:
    memcpy(&v->f, value, sizeof v->f);
    break;
  case LONG:
  case DOUBLE:
    memcpy(&v->l, value, sizeof v->l);
    break;
  case QUAD:
    memcpy(&v[0].l, value, sizeof v->l);
    memcpy(&v[1].l, (const char *)value + sizeof v->l, sizeof v->l);
    return v + 2;
  case MEMORY:
    // The function may change its argument.
    v->i = (int32_t)memcpy(copy, value, type->size);
    break;
  default:
    return v;
  }
  return v + 1;
}

// The bytes of an argument of `...`, with its alignment.
static size_t room(const ffi_type *type, size_t *alignment) {
  ffi_kind_t kind = ffi_kind(type);
  bool is_wide = kind == LONG || kind == DOUBLE || kind == FLOAT;
  *alignment = kind == QUAD ? 16 : is_wide ? 8 : 4;
  return kind == NOTHING ? 0 : *alignment;
}

// Writes an argument of `...`: small integers are words and floats are doubles there.
static void store(char *to, const ffi_type *type, const void *value, void *copy) {
  ffi_value_t v[2];
  pass(v, type, value, copy);
  switch (ffi_kind(type)) {
  case FLOAT:
    memcpy(to, &(double){v->f}, sizeof(double));
    break;
  case QUAD:
    memcpy(to, value, 16);
    break;
  case LONG:
  case DOUBLE:
    memcpy(to, &v->l, sizeof v->l);
    break;
  case NOTHING:
    break;
  default:
    memcpy(to, &v->i, sizeof v->i);
  }
}

static void take(const ffi_type *type, const ffi_value_t *result, void *to) {
  bool is_small = type->type != FFI_TYPE_STRUCT && type->size < sizeof(ffi_arg);
  size_t size = is_small ? sizeof(ffi_arg) : type->size;
  memcpy(to, result, size < sizeof *result ? size : sizeof *result);
}

// One after the other: copies of structs, and the arguments of `...`.
void ffi_call(ffi_cif *cif, void (*function)(void), void *rvalue, void **avalues) {
  size_t size = 0, rest = 0, alignment;
  for (unsigned n = 0; n < cif->nargs; n++) {
    size = aligned(size, 16) + cif->arg_types[n]->size;
    rest = aligned(rest, 16) + room(cif->arg_types[n], &alignment);
  }
  size = aligned(size, 16);
  _Alignas(16) char memory[size + rest + 16];
  _Alignas(16) char result_memory[cif->rtype->size + 16];
  char *copy = memory, *others = memory + size, *at = others;
  ffi_value_t v[FFI_PARAMETERS], result = {.l = 0}, *next = v;
  ffi_kind_t kind = ffi_kind(cif->rtype);
  if (kind == QUAD || kind == MEMORY) {
    next++->i = (int32_t)(rvalue ? rvalue : result_memory);
  }
  for (unsigned n = 0; n < cif->nargs; n++) {
    const ffi_type *type = cif->arg_types[n];
    if (n < cif->fixed) {
      next = pass(next, type, avalues[n], copy);
    } else {
      size_t bytes = room(type, &alignment);
      at = others + aligned(at - others, alignment);
      store(at, type, avalues[n], copy);
      at += bytes;
    }
    copy += aligned(type->size, 16);
  }
  if (cif->is_variadic) {
    next->i = (int32_t)others;
  }
  ffi_call_shape(cif->signature, function, v, &result);
  if (rvalue && kind != QUAD && kind != MEMORY && kind != NOTHING) {
    take(cif->rtype, &result, rvalue);
  }
}
