// OpenSSL's random numbers: each one comes from the host when it is asked for, so that none is left in the snapshot.
//
// OpenSSL's own generator keeps a state, which all instances of a component would share. It is replaced before any code runs.
// What OpenSSL draws for a context when that is made, the keys of session tickets, is drawn anew by `renew`, which the runtime
// calls in each new process (`runtime/boot.py`).
#define OPENSSL_SUPPRESS_DEPRECATED
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <unistd.h>

// The limits of `getentropy`, and of OpenSSL for the keys of a context: a name and two keys.
enum { MOST_ENTROPY = 256, TICKET_KEYS = 80 };

static int random_bytes(unsigned char *buffer, int length) {
  while (length > 0) {
    int part = length < MOST_ENTROPY ? length : MOST_ENTROPY;
    if (getentropy(buffer, (size_t)part) != 0) {
      return 0;
    }
    buffer += part;
    length -= part;
  }
  return 1;
}

// The host's random numbers need no more entropy.
static int seed(const void *buffer, int length) {
  (void)buffer;
  (void)length;
  return 1;
}

static int add(const void *buffer, int length, double entropy) {
  (void)entropy;
  return seed(buffer, length);
}

static int status(void) {
  unsigned char byte;
  return random_bytes(&byte, 1);
}

static const RAND_METHOD FROM_THE_HOST = {
    .seed = seed,
    .bytes = random_bytes,
    .add = add,
    .pseudorand = random_bytes,
    .status = status,
};

// --- Contexts ----------------------------------------------------------------------------------------------------

typedef struct item {
  SSL_CTX *context;
  struct item *next;
} item_t;

// All that exist.
static item_t *contexts;

static void note(void *context, void *data, CRYPTO_EX_DATA *all, int index, long argument, void *more) {
  (void)data;
  (void)all;
  (void)index;
  (void)argument;
  (void)more;
  item_t *item = malloc(sizeof *item);
  if (!item) {
    abort(); // an unknown context would keep its keys
  }
  *item = (item_t){.context = context, .next = contexts};
  contexts = item;
}

static void forget(void *context, void *data, CRYPTO_EX_DATA *all, int index, long argument, void *more) {
  (void)data;
  (void)all;
  (void)index;
  (void)argument;
  (void)more;
  for (item_t **at = &contexts; *at; at = &(*at)->next) {
    if ((*at)->context == context) {
      item_t *item = *at;
      *at = item->next;
      free(item);
      return;
    }
  }
}

// --- The module --------------------------------------------------------------------------------------------------

static PyObject *renew(PyObject *module, PyObject *ignored) {
  (void)module;
  (void)ignored;
  unsigned char keys[TICKET_KEYS];
  for (item_t *item = contexts; item; item = item->next) {
    if (!random_bytes(keys, TICKET_KEYS) || !SSL_CTX_set_tlsext_ticket_keys(item->context, keys, TICKET_KEYS)) {
      SSL_CTX_set_options(item->context, SSL_OP_NO_TICKET);
    }
  }
  OPENSSL_cleanse(keys, sizeof keys);
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"renew", renew, METH_NOARGS, PyDoc_STR("Draws the secrets of all contexts anew.")},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sslrandom",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__hashlib(void);
PyMODINIT_FUNC PyInit__ssl(void);
PyMODINIT_FUNC PyInit__sslrandom(void) { return PyModuleDef_Init(&definition); }

// Runs when the library is loaded, before the interpreter starts. The library adds its modules to CPython's table by itself: most
// components do without, so they do not pay for the names.
__attribute__((constructor)) static void begin(void) {
  if (!RAND_set_rand_method(&FROM_THE_HOST) ||
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, NULL, note, NULL, forget) < 0 ||
      PyImport_AppendInittab("_hashlib", PyInit__hashlib) < 0 || PyImport_AppendInittab("_ssl", PyInit__ssl) < 0 ||
      PyImport_AppendInittab("_sslrandom", PyInit__sslrandom) < 0) {
    abort();
  }
}
