// Files: the numbers of flags differ, and so does `struct stat`.
#include "abi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

// Emscripten's flags.
enum {
  WRITE_ONLY = 01,
  READ_WRITE = 02,
  CREATE = 0100,
  EXCLUSIVE = 0200,
  NO_TERMINAL = 0400,
  TRUNCATE = 01000,
  APPEND = 02000,
  NONBLOCK = 04000,
  LARGE_FILE = 0400000,
  CLOSE_ON_EXEC = 02000000,
};

static const struct {
  int theirs, ours;
} flags[] = {
    {CREATE, O_CREAT},     {EXCLUSIVE, O_EXCL},      {NO_TERMINAL, 0}, {TRUNCATE, O_TRUNC},
    {APPEND, O_APPEND},    {NONBLOCK, O_NONBLOCK},   {LARGE_FILE, 0},  {CLOSE_ON_EXEC, 0},
};

// With a flag that is not known here, nothing is opened.
int EMSCRIPTEN(open)(const char *path, int asked, ...) {
  int access = asked & (WRITE_ONLY | READ_WRITE);
  int given = access == READ_WRITE ? O_RDWR : access == WRITE_ONLY ? O_WRONLY : O_RDONLY;
  asked &= ~access;
  for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
    if (asked & flags[i].theirs) {
      given |= flags[i].ours;
      asked &= ~flags[i].theirs;
    }
  }
  if (asked) {
    errno = EINVAL;
    return -1;
  }
  // WASI has no modes.
  return open(path, given, 0666);
}

// The layout of `struct stat` is not the same from one release of Emscripten to the next, so nothing is written there.
static int unknown_layout(void) {
  errno = ENOSYS;
  return -1;
}

int EMSCRIPTEN(fstat)(int file, void *result) {
  (void)file, (void)result;
  return unknown_layout();
}

int EMSCRIPTEN(stat)(const char *path, void *result) {
  (void)path, (void)result;
  return unknown_layout();
}

int EMSCRIPTEN(lstat)(const char *path, void *result) {
  (void)path, (void)result;
  return unknown_layout();
}

int EMSCRIPTEN(fstatat)(int directory, const char *path, void *result, int how) {
  (void)directory, (void)path, (void)result, (void)how;
  return unknown_layout();
}
