// dlopen and dlsym over the libraries that were linked ahead of time: a native extension's "file" is its library.
//
// The linker lays out the table and passes it to `__wasm_set_libraries` (shared-everything linking); both levels are
// sorted by name.
//
// While the component is built, every request is noted, whether the library is found or not: the component needs those
// libraries.
#include "runtime.h"

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
static strings_t asked;

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

void dl_note(const char *file) {
  for (size_t i = 0; i < asked.count; i++) {
    if (strcmp(asked.items[i].bytes, file) == 0) {
      return;
    }
  }
  string_t *items = realloc(asked.items, (asked.count + 1) * sizeof(string_t));
  char *copy = strdup(file);
  if (!items || !copy) {
    die_of_bug("out of memory while building");
  }
  asked.items = items;
  asked.items[asked.count++] = (string_t){copy, strlen(copy)};
}

__attribute__((export_name("componentize-py:runtime/init#asked-libraries"))) strings_t *asked_libraries(void) {
  return &asked;
}

EXPORTED void *dlopen(const char *file, int mode) {
  (void)mode;
  if (!file) {
    return fail("%s: there is no main program to open", "dlopen");
  }
  if (runtime.building) {
    dl_note(file);
  }
  const library_t *found =
      loaded ? bsearch(file, loaded->libraries, loaded->count, sizeof(library_t), compare) : NULL;
  return found ? (void *)found : fail("%s: not among the libraries that this component was linked from", file);
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
