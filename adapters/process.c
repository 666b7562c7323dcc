// The process: arguments, environment, clocks, random numbers, its end.
#include "preview1.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wasi/libc-environ.h>
#include <wasi/wasip2.h>

// The limit of one `getentropy`.
enum { MOST_ENTROPY = 256 };

PREVIEW1(random_get)(uint8_t *bytes, uint32_t length) {
  while (length > 0) {
    uint32_t part = length < MOST_ENTROPY ? length : MOST_ENTROPY;
    if (getentropy(bytes, part) != 0) {
      return errno;
    }
    bytes += part;
    length -= part;
  }
  return 0;
}

// WASI 0.2 has no clock of a process or of a thread.
static const struct __clockid *clock_of(uint32_t id) {
  switch (id) {
  case 0:
    return CLOCK_REALTIME;
  case 1:
    return CLOCK_MONOTONIC;
  default:
    return NULL;
  }
}

static int32_t write_time(int failed, const struct timespec *time, uint64_t *out) {
  if (failed) {
    return errno;
  }
  *out = (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
  return 0;
}

PREVIEW1(clock_res_get)(uint32_t id, uint64_t *out) {
  const struct __clockid *clock = clock_of(id);
  struct timespec time;
  return clock ? write_time(clock_getres(clock, &time), &time, out) : EINVAL;
}

PREVIEW1(clock_time_get)(uint32_t id, uint64_t precision, uint64_t *out) {
  (void)precision; // every clock is as precise as it can be
  const struct __clockid *clock = clock_of(id);
  struct timespec time;
  return clock ? write_time(clock_gettime(clock, &time), &time, out) : EINVAL;
}

PREVIEW1(environ_sizes_get)(uint32_t *count, uint32_t *size) {
  *count = *size = 0;
  for (char **variable = __wasilibc_get_environ(); variable && *variable; variable++) {
    ++*count;
    *size += strlen(*variable) + 1;
  }
  return 0;
}

PREVIEW1(environ_get)(char **pointers, char *bytes) {
  for (char **variable = __wasilibc_get_environ(); variable && *variable; variable++) {
    size_t size = strlen(*variable) + 1;
    *pointers++ = memcpy(bytes, *variable, size);
    bytes += size;
  }
  return 0;
}

PREVIEW1(args_sizes_get)(uint32_t *count, uint32_t *size) {
  wasip2_list_string_t arguments;
  environment_get_arguments(&arguments);
  *count = arguments.len;
  *size = 0;
  for (size_t i = 0; i < arguments.len; i++) {
    *size += arguments.ptr[i].len + 1;
  }
  wasip2_list_string_free(&arguments);
  return 0;
}

PREVIEW1(args_get)(char **pointers, char *bytes) {
  wasip2_list_string_t arguments;
  environment_get_arguments(&arguments);
  for (size_t i = 0; i < arguments.len; i++) {
    wasip2_string_t argument = arguments.ptr[i];
    pointers[i] = bytes;
    if (argument.len > 0) {
      memcpy(bytes, argument.ptr, argument.len);
    }
    bytes[argument.len] = '\0';
    bytes += argument.len + 1;
  }
  wasip2_list_string_free(&arguments);
  return 0;
}

PREVIEW1(sched_yield)(void) { return sched_yield() == 0 ? 0 : errno; }

__attribute__((visibility("default"), noreturn)) void __wasi_preview1_proc_exit(uint32_t code) { _Exit((int)code); }
