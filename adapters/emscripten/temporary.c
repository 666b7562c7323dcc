// Temporary files, which WASI's C library leaves out. They lie where the caller says, and a component may write there or not.
#include "abi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
enum { RANDOM = 6, TRIES = 100, BASE = sizeof digits - 1 };

// The place of `XXXXXX` in a path, before a suffix of some length, or NULL.
static char *place_of(char *path, int suffix) {
  size_t length = strlen(path);
  if (suffix < 0 || length < RANDOM || (size_t)suffix > length - RANDOM) {
    errno = EINVAL;
    return NULL;
  }
  char *place = path + length - suffix - RANDOM;
  if (memcmp(place, "XXXXXX", RANDOM)) {
    errno = EINVAL;
    return NULL;
  }
  return place;
}

static int opens(const char *path) { return open(path, O_RDWR | O_CREAT | O_EXCL, 0600); }
static int makes(const char *path) { return mkdir(path, 0700); }

// The result of `create` for the first name that is not taken, or -1.
static int create_somewhere(char *path, int suffix, int (*create)(const char *)) {
  char *place = place_of(path, suffix);
  if (!place) {
    return -1;
  }
  for (int i = 0; i < TRIES; i++) {
    unsigned char random[RANDOM];
    if (getentropy(random, sizeof random)) {
      break;
    }
    for (int j = 0; j < RANDOM; j++) {
      place[j] = digits[random[j] % BASE];
    }
    int result = create(path);
    if (result >= 0) {
      return result;
    }
    if (errno != EEXIST) {
      break;
    }
  }
  memcpy(place, "XXXXXX", RANDOM);
  return -1;
}

EXPORTED int mkstemp(char *path) { return create_somewhere(path, 0, opens); }
EXPORTED int mkstemps(char *path, int suffix) { return create_somewhere(path, suffix, opens); }
EXPORTED char *mkdtemp(char *path) { return create_somewhere(path, 0, makes) < 0 ? NULL : path; }

EXPORTED FILE *tmpfile(void) {
  char path[] = "/tmp/XXXXXX";
  int file = mkstemp(path);
  if (file < 0) {
    return NULL;
  }
  // It is gone when it is closed.
  unlink(path);
  FILE *stream = fdopen(file, "w+");
  if (!stream) {
    close(file);
  }
  return stream;
}
