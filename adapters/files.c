// Open files, streams and sockets, by their numbers.
#include "preview1.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <wasi/libc.h>

#include "times.h"

// The layout in preview 1.
_Static_assert(sizeof(struct iovec) == 8 && offsetof(struct iovec, iov_len) == 4, "vectors have another layout");
_Static_assert(SEEK_SET == 0 && SEEK_CUR == 1 && SEEK_END == 2, "origins have other numbers");

static int32_t outcome(int result) { return result == 0 ? 0 : errno; }

static int32_t count(ssize_t result, uint32_t *out) {
  if (result < 0) {
    return errno;
  }
  *out = (uint32_t)result;
  return 0;
}

PREVIEW1(fd_close)(uint32_t fd) { return outcome(close((int)fd)); }

PREVIEW1(fd_read)(uint32_t fd, const struct iovec *parts, uint32_t length, uint32_t *out) {
  return count(readv((int)fd, parts, (int)length), out);
}

PREVIEW1(fd_write)(uint32_t fd, const struct iovec *parts, uint32_t length, uint32_t *out) {
  return count(writev((int)fd, parts, (int)length), out);
}

PREVIEW1(fd_pread)(uint32_t fd, const struct iovec *parts, uint32_t length, uint64_t offset, uint32_t *out) {
  return count(preadv((int)fd, parts, (int)length, (off_t)offset), out);
}

PREVIEW1(fd_pwrite)(uint32_t fd, const struct iovec *parts, uint32_t length, uint64_t offset, uint32_t *out) {
  return count(pwritev((int)fd, parts, (int)length, (off_t)offset), out);
}

PREVIEW1(fd_seek)(uint32_t fd, int64_t offset, uint32_t origin, uint64_t *out) {
  off_t place = lseek((int)fd, offset, (int)origin);
  if (place < 0) {
    return errno;
  }
  *out = (uint64_t)place;
  return 0;
}

PREVIEW1(fd_tell)(uint32_t fd, uint64_t *out) { return __wasi_preview1_fd_seek(fd, 0, SEEK_CUR, out); }

PREVIEW1(fd_sync)(uint32_t fd) { return outcome(fsync((int)fd)); }

PREVIEW1(fd_datasync)(uint32_t fd) { return outcome(fdatasync((int)fd)); }

PREVIEW1(fd_advise)(uint32_t fd, uint64_t offset, uint64_t length, uint32_t advice) {
  static const int KNOWN[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                              POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
  if (advice >= sizeof KNOWN / sizeof *KNOWN) {
    return EINVAL;
  }
  return posix_fadvise((int)fd, (off_t)offset, (off_t)length, KNOWN[advice]);
}

PREVIEW1(fd_renumber)(uint32_t from, uint32_t to) { return outcome(__wasilibc_fd_renumber((int)from, (int)to)); }

static uint8_t file_type(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFBLK:
    return FILE_BLOCK_DEVICE;
  case S_IFCHR:
    return FILE_CHARACTER_DEVICE;
  case S_IFDIR:
    return FILE_DIRECTORY;
  case S_IFREG:
    return FILE_REGULAR;
  case S_IFSOCK:
    return FILE_SOCKET_STREAM;
  case S_IFLNK:
    return FILE_LINK;
  default:
    return FILE_UNKNOWN;
  }
}

PREVIEW1(fd_fdstat_get)(uint32_t fd, fdstat_t *out) {
  struct stat stat;
  if (fstat((int)fd, &stat) != 0) {
    return errno;
  }
  int flags = fcntl((int)fd, F_GETFL);
  if (flags < 0) {
    return errno;
  }
  *out = (fdstat_t){
      .file_type = file_type(stat.st_mode),
      .flags = (flags & O_APPEND ? FD_APPEND : 0) | (flags & O_NONBLOCK ? FD_NONBLOCK : 0),
      // Nothing restricts them any more: the host refuses what is not allowed.
      .rights_base = UINT64_MAX,
      .rights_inheriting = UINT64_MAX,
  };
  return 0;
}

PREVIEW1(fd_fdstat_set_flags)(uint32_t fd, uint32_t flags) {
  if (flags & ~(uint32_t)(FD_APPEND | FD_NONBLOCK)) {
    return ENOTSUP;
  }
  int known = fcntl((int)fd, F_GETFL);
  if (known < 0) {
    return errno;
  }
  known &= ~(O_APPEND | O_NONBLOCK);
  known |= (flags & FD_APPEND ? O_APPEND : 0) | (flags & FD_NONBLOCK ? O_NONBLOCK : 0);
  return fcntl((int)fd, F_SETFL, known) < 0 ? errno : 0;
}

void write_filestat(const struct stat *stat, filestat_t *out) {
  *out = (filestat_t){
      .device = stat->st_dev,
      .inode = stat->st_ino,
      .file_type = file_type(stat->st_mode),
      .links = stat->st_nlink,
      .size = (uint64_t)stat->st_size,
      .atim = nanoseconds(stat->st_atim),
      .mtim = nanoseconds(stat->st_mtim),
      .ctim = nanoseconds(stat->st_ctim),
  };
}

PREVIEW1(fd_filestat_get)(uint32_t fd, filestat_t *out) {
  struct stat stat;
  if (fstat((int)fd, &stat) != 0) {
    return errno;
  }
  write_filestat(&stat, out);
  return 0;
}

PREVIEW1(fd_filestat_set_size)(uint32_t fd, uint64_t size) { return outcome(ftruncate((int)fd, (off_t)size)); }

PREVIEW1(fd_filestat_set_times)(uint32_t fd, uint64_t atim, uint64_t mtim, uint32_t flags) {
  struct timespec times[2];
  int32_t error = read_times(atim, mtim, flags, times);
  return error ? error : outcome(futimens((int)fd, times));
}

// Our C library does not give numbers to the directories that a host opens in advance: it takes whole paths. Preview 1 reports
// the end of the list in this way.
PREVIEW1(fd_prestat_get)(uint32_t fd, void *out) {
  (void)fd;
  (void)out;
  return EBADF;
}

PREVIEW1(fd_prestat_dir_name)(uint32_t fd, char *name, uint32_t length) {
  (void)fd;
  (void)name;
  (void)length;
  return EBADF;
}

PREVIEW1(sock_send)(uint32_t fd, const struct iovec *parts, uint32_t length, uint32_t flags, uint32_t *out) {
  return flags ? ENOTSUP : count(writev((int)fd, parts, (int)length), out);
}

PREVIEW1(sock_recv)
(uint32_t fd, const struct iovec *parts, uint32_t length, uint32_t flags, uint32_t *out, uint16_t *out_flags) {
  *out_flags = 0;
  return flags ? ENOTSUP : count(readv((int)fd, parts, (int)length), out);
}

PREVIEW1(sock_shutdown)(uint32_t fd, uint32_t how) {
  static const int KNOWN[] = {-1, SHUT_RD, SHUT_WR, SHUT_RDWR};
  if (how == 0 || how >= sizeof KNOWN / sizeof *KNOWN) {
    return EINVAL;
  }
  return outcome(shutdown((int)fd, KNOWN[how]));
}
