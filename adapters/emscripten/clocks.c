// Clocks: Emscripten's are numbers, ours are addresses of variables.
#include "abi.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

enum { REALTIME, MONOTONIC, MONOTONIC_RAW = 4, REALTIME_COARSE, MONOTONIC_COARSE };
// Emscripten's `CLOCKS_PER_SEC`.
enum { PER_SECOND = 1000000 };

// Returns NULL for the clocks of processes and threads, which WASI does not have.
static clockid_t clock_of(int number) {
  switch (number) {
  case REALTIME:
  case REALTIME_COARSE:
    return CLOCK_REALTIME;
  case MONOTONIC:
  case MONOTONIC_RAW:
  case MONOTONIC_COARSE:
    return CLOCK_MONOTONIC;
  default:
    return NULL;
  }
}

static int refuse(int error) {
  errno = error;
  return -1;
}

int EMSCRIPTEN(clock_gettime)(int number, struct timespec *time) {
  clockid_t clock = clock_of(number);
  return clock ? clock_gettime(clock, time) : refuse(EINVAL);
}

int EMSCRIPTEN(clock_getres)(int number, struct timespec *time) {
  clockid_t clock = clock_of(number);
  return clock ? clock_getres(clock, time) : refuse(EINVAL);
}

// `clock_t` is a `long` of 32 bits there.
long EMSCRIPTEN(clock)(void) {
  clock_t time = clock();
  return time < 0 ? -1 : (long)(time / (CLOCKS_PER_SEC / PER_SECOND));
}

int EMSCRIPTEN(pthread_condattr_setclock)(pthread_condattr_t *attributes, int number) {
  clockid_t clock = clock_of(number);
  return clock ? pthread_condattr_setclock(attributes, clock) : EINVAL;
}

// Milliseconds since some moment, from Emscripten's JavaScript.
EXPORTED double emscripten_get_now(void) {
  struct timespec now = {0};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}
