// Times of files: preview 1 counts nanoseconds.
#ifndef COMPONENTIZE_PY_TIMES_H
#define COMPONENTIZE_PY_TIMES_H

#include "preview1.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

static inline uint64_t nanoseconds(struct timespec time) {
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline struct timespec timespec_of(uint64_t time) {
  return (struct timespec){.tv_sec = (time_t)(time / 1000000000u), .tv_nsec = (long)(time % 1000000000u)};
}

// Finds out which of the two times of a file to set. Returns an error number.
static inline int32_t read_times(uint64_t atim, uint64_t mtim, uint32_t flags, struct timespec times[2]) {
  const struct timespec now = {.tv_nsec = UTIME_NOW}, leave = {.tv_nsec = UTIME_OMIT};
  if ((flags & TIME_ATIM && flags & TIME_ATIM_NOW) || (flags & TIME_MTIM && flags & TIME_MTIM_NOW)) {
    return EINVAL;
  }
  times[0] = flags & TIME_ATIM ? timespec_of(atim) : flags & TIME_ATIM_NOW ? now : leave;
  times[1] = flags & TIME_MTIM ? timespec_of(mtim) : flags & TIME_MTIM_NOW ? now : leave;
  return 0;
}

void write_filestat(const struct stat *stat, filestat_t *out);

#endif
