// The files inside the component: the runtime names those that it should have, and the build gives it an archive of
// them, which the C library reads (`python-stdlib/libc`).
#include "runtime.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// From our wasi-libc: from then on, paths lead into the archive, too.
extern void __wasilibc_mount_files(const void *archive,
                                   bool (*inflate)(const uint8_t *packed, size_t length, uint8_t *bytes, size_t size));

static strings_t wanted;

int files_want(PyObject *paths) {
  Py_ssize_t count = PyList_Size(paths);
  wanted.items = count < 0 ? NULL : calloc((size_t)count + 1, sizeof(string_t));
  if (!wanted.items) {
    if (count >= 0) {
      PyErr_NoMemory();
    }
    return -1;
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    PyObject *path = PyList_GetItem(paths, i); // borrowed
    const char *bytes = path ? PyUnicode_AsUTF8(path) : NULL;
    if (!bytes) {
      PyErr_Clear(); // a path that is no text cannot be in the archive
      continue;
    }
    char *copy = strdup(bytes);
    if (!copy) {
      PyErr_NoMemory();
      return -1;
    }
    wanted.items[wanted.count++] = (string_t){copy, strlen(copy)};
  }
  return 0;
}

__attribute__((export_name("componentize-py:runtime/init#wanted-files"))) strings_t *wanted_files(void) {
  return &wanted;
}

// zlib's format, of one file.
static bool decompress(const uint8_t *packed, size_t length, uint8_t *bytes, size_t size) {
  z_stream stream = {
      .next_in = (uint8_t *)packed, .avail_in = (uInt)length, .next_out = bytes, .avail_out = (uInt)size};
  if (inflateInit2(&stream, MAX_WBITS) != Z_OK) {
    return false;
  }
  bool whole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.total_out == size;
  inflateEnd(&stream);
  return whole;
}

// The archive stays where the canonical ABI has put it.
__attribute__((export_name("componentize-py:runtime/init#take-files"))) void take_files(const uint8_t *archive,
                                                                                        size_t length) {
  call_keep_lifted(length);
  for (size_t i = 0; i < wanted.count; i++) {
    free((char *)wanted.items[i].bytes);
  }
  free(wanted.items);
  wanted = (strings_t){NULL, 0};
  __wasilibc_mount_files(archive, decompress);
}
