// Paths below an open directory. Preview 1 passes their lengths, and our C library needs their ends.
#include "preview1.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "times.h"

enum { LONGEST_PATH = 4096 };

typedef struct {
  char text[LONGEST_PATH];
} path_t;

// Copies a path. Returns an error number. A path that begins with a slash would not be below the directory.
static int32_t read_path(path_t *path, const char *bytes, uint32_t length) {
  if (length >= sizeof path->text) {
    return ENAMETOOLONG;
  }
  if (length == 0) {
    return ENOENT;
  }
  if (memchr(bytes, '\0', length)) {
    return EINVAL;
  }
  if (bytes[0] == '/') {
    return EPERM;
  }
  memcpy(path->text, bytes, length);
  path->text[length] = '\0';
  return 0;
}

static int32_t outcome(int result) { return result == 0 ? 0 : errno; }

PREVIEW1(path_open)
(uint32_t directory, uint32_t lookup, const char *bytes, uint32_t length, uint32_t how, uint64_t rights,
 uint64_t inheriting, uint32_t fd_flags, uint32_t *out) {
  (void)inheriting; // files below it are opened by other calls
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  if (error) {
    return error;
  }
  if (fd_flags & ~(uint32_t)(FD_APPEND | FD_NONBLOCK)) {
    return ENOTSUP;
  }
  int flags = rights & RIGHT_WRITE ? (rights & RIGHT_READ ? O_RDWR : O_WRONLY) : O_RDONLY;
  flags |= (how & OPEN_CREATE ? O_CREAT : 0) | (how & OPEN_DIRECTORY ? O_DIRECTORY : 0);
  flags |= (how & OPEN_EXCLUSIVE ? O_EXCL : 0) | (how & OPEN_TRUNCATE ? O_TRUNC : 0);
  flags |= (fd_flags & FD_APPEND ? O_APPEND : 0) | (fd_flags & FD_NONBLOCK ? O_NONBLOCK : 0);
  flags |= lookup & LOOKUP_FOLLOW ? 0 : O_NOFOLLOW;
  int fd = openat((int)directory, path.text, flags, 0666);
  if (fd < 0) {
    return errno;
  }
  *out = (uint32_t)fd;
  return 0;
}

PREVIEW1(path_filestat_get)
(uint32_t directory, uint32_t lookup, const char *bytes, uint32_t length, filestat_t *out) {
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  if (error) {
    return error;
  }
  struct stat stat;
  if (fstatat((int)directory, path.text, &stat, lookup & LOOKUP_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
    return errno;
  }
  write_filestat(&stat, out);
  return 0;
}

PREVIEW1(path_filestat_set_times)
(uint32_t directory, uint32_t lookup, const char *bytes, uint32_t length, uint64_t atim, uint64_t mtim,
 uint32_t flags) {
  path_t path;
  struct timespec times[2];
  int32_t error = read_path(&path, bytes, length);
  error = error ? error : read_times(atim, mtim, flags, times);
  if (error) {
    return error;
  }
  return outcome(utimensat((int)directory, path.text, times, lookup & LOOKUP_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW));
}

PREVIEW1(path_create_directory)(uint32_t directory, const char *bytes, uint32_t length) {
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  return error ? error : outcome(mkdirat((int)directory, path.text, 0777));
}

PREVIEW1(path_remove_directory)(uint32_t directory, const char *bytes, uint32_t length) {
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  return error ? error : outcome(unlinkat((int)directory, path.text, AT_REMOVEDIR));
}

PREVIEW1(path_unlink_file)(uint32_t directory, const char *bytes, uint32_t length) {
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  return error ? error : outcome(unlinkat((int)directory, path.text, 0));
}

PREVIEW1(path_rename)
(uint32_t old_directory, const char *old_bytes, uint32_t old_length, uint32_t new_directory, const char *new_bytes,
 uint32_t new_length) {
  path_t old, new;
  int32_t error = read_path(&old, old_bytes, old_length);
  error = error ? error : read_path(&new, new_bytes, new_length);
  return error ? error : outcome(renameat((int)old_directory, old.text, (int)new_directory, new.text));
}

PREVIEW1(path_link)
(uint32_t old_directory, uint32_t lookup, const char *old_bytes, uint32_t old_length, uint32_t new_directory,
 const char *new_bytes, uint32_t new_length) {
  path_t old, new;
  int32_t error = read_path(&old, old_bytes, old_length);
  error = error ? error : read_path(&new, new_bytes, new_length);
  int flags = lookup & LOOKUP_FOLLOW ? AT_SYMLINK_FOLLOW : 0;
  return error ? error : outcome(linkat((int)old_directory, old.text, (int)new_directory, new.text, flags));
}

PREVIEW1(path_symlink)
(const char *target_bytes, uint32_t target_length, uint32_t directory, const char *bytes, uint32_t length) {
  path_t target, path;
  int32_t error = read_path(&target, target_bytes, target_length);
  error = error ? error : read_path(&path, bytes, length);
  return error ? error : outcome(symlinkat(target.text, (int)directory, path.text));
}

PREVIEW1(path_readlink)
(uint32_t directory, const char *bytes, uint32_t length, char *buffer, uint32_t size, uint32_t *out) {
  path_t path;
  int32_t error = read_path(&path, bytes, length);
  if (error) {
    return error;
  }
  ssize_t used = readlinkat((int)directory, path.text, buffer, size);
  if (used < 0) {
    return errno;
  }
  *out = (uint32_t)used;
  return 0;
}
