// `hashlib.pbkdf2_hmac` and `hashlib.scrypt`, which CPython takes from OpenSSL, over the hashes of its own (HACL*).
//
// PBKDF2 is RFC 8018, 5.2. A password costs hundreds of thousands of HMACs, each over one digest with the same key, so the
// state after the key's block is kept and an HMAC is two blocks. Hashes that are made otherwise (SHA-3, BLAKE2) start over.
// scrypt is RFC 7914. Arguments and errors are those of CPython's `_hashlib`.
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "_hacl/Hacl_HMAC.h"
#include "_hacl/internal/Hacl_Hash_MD5.h"
#include "_hacl/internal/Hacl_Hash_SHA1.h"
#include "_hacl/internal/Hacl_Hash_SHA2.h"

#define MOST_DIGEST 64
#define MOST_BLOCK 128

// --- HMAC --------------------------------------------------------------------------------------------------------

typedef union {
  uint32_t words[8];
  uint64_t longs[8];
} state_t;

typedef void compute_t(uint8_t *digest, uint8_t *key, uint32_t key_length, uint8_t *data, uint32_t length);

// `init`, `block` and `finish` are NULL for hashes whose state cannot be kept.
typedef struct {
  const char *name;
  uint32_t digest, block; // sizes
  compute_t *compute;
  void (*init)(state_t *state);
  void (*update)(state_t *state, uint8_t *block);
  void (*finish)(state_t *state, uint8_t *digest);
  bool little_endian;
} hash_t;

#define MD_HASH(name, member, call_init, call_update, call_finish)                                    \
  static void name##_init(state_t *state) { call_init(state->member); }                              \
  static void name##_update(state_t *state, uint8_t *block) { call_update; }                         \
  static void name##_finish(state_t *state, uint8_t *digest) { call_finish(state->member, digest); }

MD_HASH(md5, words, Hacl_Hash_MD5_init, Hacl_Hash_MD5_update_multi(state->words, block, 1), Hacl_Hash_MD5_finish)
MD_HASH(sha1, words, Hacl_Hash_SHA1_init, Hacl_Hash_SHA1_update_multi(state->words, block, 1), Hacl_Hash_SHA1_finish)
MD_HASH(sha224, words, Hacl_Hash_SHA2_sha224_init, Hacl_Hash_SHA2_sha224_update_nblocks(64, block, state->words),
        Hacl_Hash_SHA2_sha224_finish)
MD_HASH(sha256, words, Hacl_Hash_SHA2_sha256_init, Hacl_Hash_SHA2_sha256_update_nblocks(64, block, state->words),
        Hacl_Hash_SHA2_sha256_finish)
MD_HASH(sha384, longs, Hacl_Hash_SHA2_sha384_init, Hacl_Hash_SHA2_sha384_update_nblocks(128, block, state->longs),
        Hacl_Hash_SHA2_sha384_finish)
MD_HASH(sha512, longs, Hacl_Hash_SHA2_sha512_init, Hacl_Hash_SHA2_sha512_update_nblocks(128, block, state->longs),
        Hacl_Hash_SHA2_sha512_finish)

#define STATE(name) name##_init, name##_update, name##_finish
#define NO_STATE NULL, NULL, NULL, false

static const hash_t HASHES[] = {
    {"md5", 16, 64, Hacl_HMAC_compute_md5, STATE(md5), true},
    {"sha1", 20, 64, Hacl_HMAC_compute_sha1, STATE(sha1), false},
    {"sha224", 28, 64, Hacl_HMAC_compute_sha2_224, STATE(sha224), false},
    {"sha256", 32, 64, Hacl_HMAC_compute_sha2_256, STATE(sha256), false},
    {"sha384", 48, 128, Hacl_HMAC_compute_sha2_384, STATE(sha384), false},
    {"sha512", 64, 128, Hacl_HMAC_compute_sha2_512, STATE(sha512), false},
    {"sha3_224", 28, 144, Hacl_HMAC_compute_sha3_224, NO_STATE},
    {"sha3_256", 32, 136, Hacl_HMAC_compute_sha3_256, NO_STATE},
    {"sha3_384", 48, 104, Hacl_HMAC_compute_sha3_384, NO_STATE},
    {"sha3_512", 64, 72, Hacl_HMAC_compute_sha3_512, NO_STATE},
    {"blake2s", 32, 64, Hacl_HMAC_compute_blake2s_32, NO_STATE},
    {"blake2b", 64, 128, Hacl_HMAC_compute_blake2b_32, NO_STATE},
};

// OpenSSL's names, where they are others.
static const char *const ALIASES[][2] = {
    {"sha2-224", "sha224"},      {"sha2-256", "sha256"},   {"sha2-384", "sha384"},   {"sha2-512", "sha512"},
    {"sha-1", "sha1"},           {"sha-224", "sha224"},    {"sha-256", "sha256"},    {"sha-384", "sha384"},
    {"sha-512", "sha512"},       {"sha3-224", "sha3_224"}, {"sha3-256", "sha3_256"}, {"sha3-384", "sha3_384"},
    {"sha3-512", "sha3_512"},    {"blake2b512", "blake2b"}, {"blake2s256", "blake2s"},
};

static const hash_t *find_hash(const char *name) {
  const char *known = name;
  for (size_t i = 0; i < Py_ARRAY_LENGTH(ALIASES); i++) {
    known = PyOS_stricmp(name, ALIASES[i][0]) == 0 ? ALIASES[i][1] : known;
  }
  for (size_t i = 0; i < Py_ARRAY_LENGTH(HASHES); i++) {
    if (PyOS_stricmp(known, HASHES[i].name) == 0) {
      return &HASHES[i];
    }
  }
  PyErr_Format(PyExc_ValueError, "unsupported hash type %s", name);
  return NULL;
}

// --- PBKDF2 ------------------------------------------------------------------------------------------------------

typedef struct {
  const hash_t *hash;
  uint8_t *password;
  uint32_t length;
  state_t inner, outer; // after the key's block
} prf_t;

static void prepare_key(prf_t *prf, uint8_t pad, state_t *state) {
  uint8_t block[MOST_BLOCK];
  memset(block, pad, prf->hash->block);
  for (uint32_t i = 0; i < prf->length; i++) {
    block[i] ^= prf->password[i];
  }
  prf->hash->init(state);
  prf->hash->update(state, block);
}

// A digest and what the hash puts behind it: a bit, and the number of bits, those of the key's block among them.
static void pad_block(const hash_t *hash, uint8_t block[MOST_BLOCK]) {
  uint32_t bits = (hash->block + hash->digest) * 8;
  memset(block + hash->digest, 0, hash->block - hash->digest);
  block[hash->digest] = 0x80;
  if (hash->little_endian) {
    block[hash->block - 8] = (uint8_t)bits;
    block[hash->block - 7] = (uint8_t)(bits >> 8);
  } else {
    block[hash->block - 1] = (uint8_t)bits;
    block[hash->block - 2] = (uint8_t)(bits >> 8);
  }
}

// The HMAC of the digest in front of a padded block takes its place.
static void next_digest(prf_t *prf, uint8_t block[MOST_BLOCK]) {
  const hash_t *hash = prf->hash;
  if (!hash->update) {
    uint8_t digest[MOST_DIGEST];
    hash->compute(digest, prf->password, prf->length, block, hash->digest);
    memcpy(block, digest, hash->digest);
    return;
  }
  state_t state = prf->inner;
  hash->update(&state, block);
  hash->finish(&state, block);
  state = prf->outer;
  hash->update(&state, block);
  hash->finish(&state, block);
}

// HMAC takes the digest of a key that is longer than a block. HACL*'s own functions do so, too.
static void shorten(const hash_t *hash, uint8_t *password, uint32_t *length, uint8_t digest[MOST_DIGEST]) {
  if (!hash->init || *length <= hash->block) {
    return;
  }
  static const struct {
    uint32_t digest;
    void (*compute)(uint8_t *digest, uint8_t *data, uint32_t length);
  } ONCE[] = {
      {16, Hacl_Hash_MD5_hash_oneshot}, {20, Hacl_Hash_SHA1_hash_oneshot}, {28, Hacl_Hash_SHA2_hash_224},
      {32, Hacl_Hash_SHA2_hash_256},    {48, Hacl_Hash_SHA2_hash_384},     {64, Hacl_Hash_SHA2_hash_512},
  };
  for (size_t i = 0; i < Py_ARRAY_LENGTH(ONCE); i++) {
    if (ONCE[i].digest == hash->digest) {
      ONCE[i].compute(digest, password, *length);
    }
  }
  *length = hash->digest;
}

// -1 with an exception set.
static int pbkdf2(const hash_t *hash, Py_buffer *password, const uint8_t *salt, size_t salt_length, uint32_t iterations,
                  uint8_t *key, size_t key_length) {
  uint8_t short_key[MOST_DIGEST];
  prf_t prf = {.hash = hash, .password = password->buf, .length = (uint32_t)password->len};
  shorten(hash, prf.password, &prf.length, short_key);
  if (prf.length != (uint32_t)password->len) {
    prf.password = short_key;
  }
  uint8_t *first = PyMem_Malloc(salt_length + 4);
  if (!first) {
    PyErr_NoMemory();
    return -1;
  }
  memcpy(first, salt, salt_length);
  if (hash->init) {
    prepare_key(&prf, 0x36, &prf.inner);
    prepare_key(&prf, 0x5c, &prf.outer);
  }
  uint8_t block[MOST_BLOCK] = {0}, sum[MOST_DIGEST];
  for (uint32_t number = 1; key_length > 0; number++) {
    first[salt_length] = (uint8_t)(number >> 24);
    first[salt_length + 1] = (uint8_t)(number >> 16);
    first[salt_length + 2] = (uint8_t)(number >> 8);
    first[salt_length + 3] = (uint8_t)number;
    hash->compute(block, prf.password, prf.length, first, (uint32_t)salt_length + 4);
    if (hash->init) {
      pad_block(hash, block);
    }
    memcpy(sum, block, hash->digest);
    for (uint32_t i = 1; i < iterations; i++) {
      next_digest(&prf, block);
      for (uint32_t j = 0; j < hash->digest; j++) {
        sum[j] ^= block[j];
      }
    }
    size_t taken = key_length < hash->digest ? key_length : hash->digest;
    memcpy(key, sum, taken);
    key += taken;
    key_length -= taken;
  }
  PyMem_Free(first);
  return 0;
}

// --- scrypt ------------------------------------------------------------------------------------------------------

static uint32_t rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static void quarter(uint32_t x[16], int a, int b, int c, int d) {
  x[b] ^= rotate(x[a] + x[d], 7);
  x[c] ^= rotate(x[b] + x[a], 9);
  x[d] ^= rotate(x[c] + x[b], 13);
  x[a] ^= rotate(x[d] + x[c], 18);
}

// Makes `block` the Salsa20/8 of `block ^ other`.
static void salsa(uint32_t block[16], const uint32_t other[16]) {
  uint32_t x[16];
  for (int i = 0; i < 16; i++) {
    x[i] = block[i] ^= other[i];
  }
  for (int round = 0; round < 4; round++) {
    quarter(x, 0, 4, 8, 12);
    quarter(x, 5, 9, 13, 1);
    quarter(x, 10, 14, 2, 6);
    quarter(x, 15, 3, 7, 11);
    quarter(x, 0, 1, 2, 3);
    quarter(x, 5, 6, 7, 4);
    quarter(x, 10, 11, 8, 9);
    quarter(x, 15, 12, 13, 14);
  }
  for (int i = 0; i < 16; i++) {
    block[i] += x[i];
  }
}

// scryptBlockMix: `from` and `to` have 2 * r blocks of 16 words. Those of even numbers come first.
static void mix_blocks(const uint32_t *from, uint32_t *to, size_t r) {
  uint32_t x[16];
  memcpy(x, from + (2 * r - 1) * 16, sizeof x);
  for (size_t i = 0; i < 2 * r; i++) {
    salsa(x, from + i * 16);
    memcpy(to + (i / 2 + (i % 2) * r) * 16, x, sizeof x);
  }
}

// scryptROMix, in place. The guest is little-endian, as the words of RFC 7914 are. `table` has room for `n` blocks and two more.
static void mix_rom(uint32_t *block, uint32_t *table, uint64_t n, size_t r) {
  size_t words = 32 * r;
  uint32_t *x = table + n * words, *y = x + words;
  memcpy(x, block, words * 4);
  for (uint64_t i = 0; i < n; i++) {
    memcpy(table + i * words, x, words * 4);
    mix_blocks(x, y, r);
    uint32_t *other = x;
    x = y;
    y = other;
  }
  for (uint64_t i = 0; i < n; i++) {
    uint64_t last = x[(2 * r - 1) * 16] | (uint64_t)x[(2 * r - 1) * 16 + 1] << 32;
    const uint32_t *looked_up = table + (size_t)(last & (n - 1)) * words;
    for (size_t j = 0; j < words; j++) {
      x[j] ^= looked_up[j];
    }
    mix_blocks(x, y, r);
    uint32_t *other = x;
    x = y;
    y = other;
  }
  memcpy(block, x, words * 4);
}

// -1 with an exception set.
static int scrypt(Py_buffer *password, Py_buffer *salt, uint64_t n, size_t r, size_t p, uint8_t *key, size_t key_length) {
  const hash_t *sha256 = find_hash("sha256");
  size_t size = 128 * r;
  uint32_t *blocks = PyMem_RawMalloc(p * size), *table = PyMem_RawMalloc((size_t)(n + 2) * size);
  int status = -1;
  if (!blocks || !table) {
    PyErr_NoMemory();
  } else if ((status = pbkdf2(sha256, password, salt->buf, (size_t)salt->len, 1, (uint8_t *)blocks, p * size)) == 0) {
    for (size_t i = 0; i < p; i++) {
      mix_rom(blocks + i * size / 4, table, n, r);
    }
    status = pbkdf2(sha256, password, (uint8_t *)blocks, p * size, 1, key, key_length);
  }
  PyMem_RawFree(table);
  PyMem_RawFree(blocks);
  return status;
}

// --- Python ------------------------------------------------------------------------------------------------------

static int check_lengths(const Py_buffer *password, const Py_buffer *salt) {
  if (password->len > INT_MAX || salt->len > INT_MAX - 4) {
    PyErr_SetString(PyExc_OverflowError, password->len > INT_MAX ? "password is too long." : "salt is too long.");
    return -1;
  }
  return 0;
}

static int check_iterations(long long iterations) {
  if (iterations < 1) {
    PyErr_SetString(PyExc_ValueError, "iteration value must be greater than 0.");
  } else if (iterations > INT_MAX) {
    PyErr_SetString(PyExc_OverflowError, "iteration value is too great.");
  }
  return PyErr_Occurred() ? -1 : 0;
}

// The length of the key, or -1 with an exception set.
static long long key_length_of(const hash_t *hash, PyObject *length) {
  long long value = length == Py_None ? hash->digest : PyLong_AsLongLong(length);
  if (value == -1 && PyErr_Occurred()) {
    return -1;
  }
  if (value < 1) {
    PyErr_SetString(PyExc_ValueError, "key length must be greater than 0.");
  } else if (value > INT_MAX) {
    PyErr_SetString(PyExc_OverflowError, "key length is too great.");
  }
  return PyErr_Occurred() ? -1 : value;
}

static PyObject *derive(const char *name, Py_buffer *password, Py_buffer *salt, long long iterations, PyObject *wanted) {
  const hash_t *hash = find_hash(name);
  if (!hash || check_lengths(password, salt) < 0 || check_iterations(iterations) < 0) {
    return NULL;
  }
  long long length = key_length_of(hash, wanted);
  PyObject *key = length < 0 ? NULL : PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
  if (key && pbkdf2(hash, password, salt->buf, (size_t)salt->len, (uint32_t)iterations, (uint8_t *)PyBytes_AS_STRING(key),
                    (size_t)length) < 0) {
    Py_CLEAR(key);
  }
  return key;
}

static PyObject *module_pbkdf2(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"hash_name", "password", "salt", "iterations", "dklen", NULL};
  const char *name;
  Py_buffer password = {0}, salt = {0};
  long long iterations;
  PyObject *length = Py_None;
  PyObject *key = NULL;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sy*y*L|O:pbkdf2_hmac", names, &name, &password, &salt, &iterations,
                                  &length)) {
    key = derive(name, &password, &salt, iterations, length);
    PyBuffer_Release(&password);
    PyBuffer_Release(&salt);
  }
  return key;
}

// A parameter that must be there and not be negative; 0 with an exception set.
static unsigned long long positive(PyObject *value, const char *name, int position) {
  if (!value) {
    PyErr_Format(PyExc_TypeError, "scrypt() missing required argument '%s' (pos %d)", name, position);
    return 0;
  }
  if (!PyLong_Check(value)) {
    PyErr_Format(PyExc_TypeError, "scrypt() argument '%s' must be int, not %T", name, value);
    return 0;
  }
  if (PyLong_IsNegative(value) == 1) {
    PyErr_SetString(PyExc_ValueError, "value must be positive");
    return 0;
  }
  unsigned long long number = PyLong_AsUnsignedLongLong(value);
  return PyErr_Occurred() ? 0 : number;
}

// What OpenSSL says about the parameters, with its default limit of 32 MiB. -1 with an exception set.
static int check_cost(unsigned long long n, unsigned long long r, unsigned long long p, long long most) {
  if (r == 0 || p == 0) {
    PyErr_SetString(PyExc_ValueError, "Invalid parameter combination for n, r, p, maxmem.");
    return -1;
  }
  uint64_t limit = most ? (uint64_t)most : 32 << 20;
  bool fits = r < (1 << 30) && p <= ((1 << 30) - 1) / r && (16 * r >= 64 || n < 1ull << (16 * r)) && n <= limit / 128 / r;
  if (!fits || 128 * r * p + 128 * r * (n + 2) > limit) {
    PyErr_SetString(PyExc_ValueError, "[digital envelope routines] memory limit exceeded");
    return -1;
  }
  return 0;
}

static PyObject *derive_scrypt(Py_buffer *password, Py_buffer *salt, PyObject *const numbers[3], long long most,
                               long long length) {
  unsigned long long cost[3];
  for (int i = 0; i < 3; i++) {
    cost[i] = positive(numbers[i], (const char *[]){"n", "r", "p"}[i], i + 3);
    if (PyErr_Occurred()) {
      return NULL;
    }
  }
  if (check_lengths(password, salt) < 0) {
    return NULL;
  }
  if (cost[0] < 2 || cost[0] & (cost[0] - 1)) {
    PyErr_SetString(PyExc_ValueError, "n must be a power of 2.");
    return NULL;
  }
  if (most < 0 || most > INT_MAX) {
    return PyErr_Format(PyExc_ValueError, "maxmem must be positive and smaller than %d", INT_MAX);
  }
  if (length < 1 || length > INT_MAX) {
    return PyErr_Format(PyExc_ValueError, "dklen must be greater than 0 and smaller than %d", INT_MAX);
  }
  if (check_cost(cost[0], cost[1], cost[2], most) < 0) {
    return NULL;
  }
  PyObject *key = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
  if (key && scrypt(password, salt, cost[0], (size_t)cost[1], (size_t)cost[2], (uint8_t *)PyBytes_AS_STRING(key),
                    (size_t)length) < 0) {
    Py_CLEAR(key);
  }
  return key;
}

static PyObject *module_scrypt(PyObject *Py_UNUSED(module), PyObject *arguments, PyObject *keywords) {
  static char *names[] = {"password", "salt", "n", "r", "p", "maxmem", "dklen", NULL};
  Py_buffer password = {0}, salt = {0};
  PyObject *numbers[3] = {NULL, NULL, NULL};
  long long most = 0, length = 64;
  if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "y*|$y*OOOLL:scrypt", names, &password, &salt, &numbers[0],
                                   &numbers[1], &numbers[2], &most, &length)) {
    return NULL;
  }
  PyObject *key = NULL;
  if (salt.obj) {
    key = derive_scrypt(&password, &salt, numbers, most, length);
    PyBuffer_Release(&salt);
  } else {
    PyErr_SetString(PyExc_TypeError, "scrypt() missing required argument 'salt' (pos 2)");
  }
  PyBuffer_Release(&password);
  return key;
}

#define WITH_KEYWORDS(function) (PyCFunction)(void (*)(void))function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef methods[] = {
    {"pbkdf2_hmac", WITH_KEYWORDS(module_pbkdf2),
     PyDoc_STR("pbkdf2_hmac($module, /, hash_name, password, salt, iterations, dklen=None)\n--\n\n"
               "Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function.")},
    {"scrypt", WITH_KEYWORDS(module_scrypt),
     PyDoc_STR("scrypt($module, /, password, *, salt, n, r, p, maxmem=0, dklen=64)\n--\n\n"
               "scrypt password-based key derivation function.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_kdf",
    .m_doc = PyDoc_STR("Key derivation for hashlib."),
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__kdf(void) { return PyModuleDef_Init(&module); }
