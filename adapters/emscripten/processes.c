// Processes, signals and mappings: what WASI does not have fails as where it is forbidden, and what has no effect here succeeds.
#include "abi.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

// No signal arrives from outside, so no handler is taken. Emscripten's `SIG_ERR` is this number, ours a function.
void *EMSCRIPTEN(signal)(int number, void *handler) {
  (void)number, (void)handler;
  errno = ENOSYS;
  return (void *)-1;
}

// No process is ever forked, so nothing is to be called then.
EXPORTED int pthread_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void)) {
  (void)before, (void)in_parent, (void)in_child;
  return 0;
}

EXPORTED FILE *popen(const char *command, const char *mode) {
  (void)command, (void)mode;
  errno = ENOSYS;
  return NULL;
}

// No stream is one of `popen`'s.
EXPORTED int pclose(FILE *file) {
  (void)file;
  errno = EINVAL;
  return -1;
}

EXPORTED int getrlimit(int resource, void *limits) {
  (void)resource, (void)limits;
  errno = ENOSYS;
  return -1;
}

// Mappings are private: nothing is written back.
EXPORTED int msync(void *start, size_t length, int flags) {
  (void)start, (void)length, (void)flags;
  return 0;
}

// Advice may be ignored, but what is no longer needed (4) would have to be as it was first.
EXPORTED int madvise(void *start, size_t length, int advice) {
  (void)start, (void)length;
  if (advice < 0 || advice > 3) {
    errno = EINVAL;
    return -1;
  }
  return 0;
}
