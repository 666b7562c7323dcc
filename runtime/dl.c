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

// Functions and variables of C and Python by name (`python-stdlib/ffi/ffi_names.c`), if the component has `_ctypes`.
extern __attribute__((weak, visibility("default"))) void *componentize_py_named(const char *name);
// The types of the functions that `dlsym` finds in extensions (`src/link/calls.rs`), if `_ctypes` may call them: the library, the
// name and the type for each, with zeros at their ends, and another zero at the end.
extern __attribute__((weak, visibility("default"))) const char *componentize_py_signatures(void);

static const library_t program; // the handle of `dlopen(NULL)`
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

static const char *find_signature(const char *text, const name_t *library, const name_t *function) {
  while (*text) {
    const char *name = text + strlen(text) + 1, *signature = name + strlen(name) + 1;
    if (compare(text, library) == 0 && compare(name, function) == 0) {
      return signature;
    }
    text = signature + strlen(signature) + 1;
  }
  return NULL;
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
    return componentize_py_named ? (void *)&program : fail("%s: there is no main program to open", "dlopen");
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
  if (in == &program) {
    void *found = componentize_py_named(name);
    return found ? found : fail("%s: not among the functions of C and Python that components have by name", name);
  }
  const symbol_t *found = in ? bsearch(name, in->symbols, in->count, sizeof(symbol_t), compare) : NULL;
  return found ? found->address : fail("%s: undefined symbol", name);
}

// The letters of a function's type, or NULL for a function that `dlsym` does not find.
EXPORTED const char *componentize_py_signature_of(const void *function) {
  const char *text = componentize_py_signatures ? componentize_py_signatures() : "";
  for (uint32_t n = 0; loaded && n < loaded->count; n++) {
    const library_t *library = &loaded->libraries[n];
    for (uint32_t s = 0; s < library->count; s++) {
      if (library->symbols[s].address == function) {
        return find_signature(text, &library->name, &library->symbols[s].name);
      }
    }
  }
  return NULL;
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
