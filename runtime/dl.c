// dlopen and dlsym over the libraries that were linked in ahead of time: a native extension's "file" is its library.
//
// The linker lays out the table and hands it over through `__wasm_set_libraries` (shared-everything linking); both
// levels are sorted by name.
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef struct {
  uint32_t length;
  const char *bytes;
} name_t;

typedef struct {
  name_t name;
  void *address;
} symbol_t;

typedef struct {
  name_t name;
  uint32_t count;
  const symbol_t *symbols;
} library_t;

typedef struct {
  uint32_t count;
  const library_t *libraries;
} libraries_t;

static const libraries_t *loaded;
static char message[512];
static bool failed;

EXPORTED void __wasm_set_libraries(const libraries_t *libraries) { loaded = libraries; }

static int compare(const void *key, const void *item) {
  const char *wanted = key;
  const name_t *name = item; // the first member of both structs
  size_t length = strlen(wanted);
  int order = memcmp(wanted, name->bytes, length < name->length ? length : name->length);
  return order ? order : (length > name->length) - (length < name->length);
}

static void *fail(const char *format, const char *subject) {
  snprintf(message, sizeof message, format, subject);
  failed = true;
  return NULL;
}

EXPORTED void *dlopen(const char *file, int mode) {
  (void)mode;
  if (!file) {
    return fail("%s: there is no main program to open", "dlopen");
  }
  const library_t *found =
      loaded ? bsearch(file, loaded->libraries, loaded->count, sizeof(library_t), compare) : NULL;
  return found ? (void *)found : fail("%s: not among the libraries that were linked into this component", file);
}

EXPORTED void *dlsym(void *library, const char *name) {
  const library_t *in = library;
  const symbol_t *found = in ? bsearch(name, in->symbols, in->count, sizeof(symbol_t), compare) : NULL;
  return found ? found->address : fail("%s: undefined symbol", name);
}

EXPORTED int dlclose(void *library) {
  (void)library; // code stays where it is
  return 0;
}

EXPORTED char *dlerror(void) {
  if (!failed) {
    return NULL;
  }
  failed = false;
  return message;
}
