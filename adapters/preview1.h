// The declarations of WASI preview 1's module `wasi_snapshot_preview1`. Sizes and offsets are part of the ABI, so each is
// asserted.
#ifndef COMPONENTIZE_PY_PREVIEW1_H
#define COMPONENTIZE_PY_PREVIEW1_H

// Enables more than the C standard's own functions; all files include this one first.
#define _GNU_SOURCE

#include <stddef.h>
#include <stdint.h>

// An error number. Those of our C library are the same.
typedef uint16_t preview1_errno_t;

// Functions return it as an `i32`. `src/link/preview1.rs` gives imports the same symbol names.
#define PREVIEW1(name) __attribute__((visibility("default"))) int32_t __wasi_preview1_##name

#define ASSERT_LAYOUT(type, size, align) \
  _Static_assert(sizeof(type) == (size) && _Alignof(type) == (align), #type " has another layout")
#define ASSERT_OFFSET(type, member, offset) \
  _Static_assert(offsetof(type, member) == (offset), #type "." #member " lies elsewhere")

enum { FILE_UNKNOWN, FILE_BLOCK_DEVICE, FILE_CHARACTER_DEVICE, FILE_DIRECTORY, FILE_REGULAR, FILE_SOCKET_DGRAM, FILE_SOCKET_STREAM, FILE_LINK };
enum { FD_APPEND = 1, FD_DSYNC = 2, FD_NONBLOCK = 4, FD_RSYNC = 8, FD_SYNC = 16 };
enum { RIGHT_READ = 1 << 1, RIGHT_WRITE = 1 << 6 };
enum { OPEN_CREATE = 1, OPEN_DIRECTORY = 2, OPEN_EXCLUSIVE = 4, OPEN_TRUNCATE = 8 };
enum { LOOKUP_FOLLOW = 1 };
enum { TIME_ATIM = 1, TIME_ATIM_NOW = 2, TIME_MTIM = 4, TIME_MTIM_NOW = 8 };
enum { EVENT_CLOCK, EVENT_READ, EVENT_WRITE };
enum { CLOCK_ABSOLUTE = 1 };
enum { EVENT_HANGUP = 1 };

typedef struct {
  uint8_t file_type;
  uint16_t flags;
  uint64_t rights_base;
  uint64_t rights_inheriting;
} fdstat_t;
ASSERT_LAYOUT(fdstat_t, 24, 8);
ASSERT_OFFSET(fdstat_t, flags, 2);
ASSERT_OFFSET(fdstat_t, rights_base, 8);

typedef struct {
  uint64_t device;
  uint64_t inode;
  uint8_t file_type;
  uint64_t links;
  uint64_t size;
  uint64_t atim;
  uint64_t mtim;
  uint64_t ctim;
} filestat_t;
ASSERT_LAYOUT(filestat_t, 64, 8);
ASSERT_OFFSET(filestat_t, file_type, 16);
ASSERT_OFFSET(filestat_t, links, 24);
ASSERT_OFFSET(filestat_t, ctim, 56);

typedef struct {
  uint64_t userdata;
  uint8_t type;
  union {
    struct {
      uint32_t id;
      uint64_t timeout;
      uint64_t precision;
      uint16_t flags;
    } clock;
    uint32_t fd;
  };
} subscription_t;
ASSERT_LAYOUT(subscription_t, 48, 8);
ASSERT_OFFSET(subscription_t, type, 8);
ASSERT_OFFSET(subscription_t, clock.id, 16);
ASSERT_OFFSET(subscription_t, clock.timeout, 24);
ASSERT_OFFSET(subscription_t, clock.flags, 40);
ASSERT_OFFSET(subscription_t, fd, 16);

typedef struct {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint64_t bytes;
  uint16_t flags;
} event_t;
ASSERT_LAYOUT(event_t, 32, 8);
ASSERT_OFFSET(event_t, error, 8);
ASSERT_OFFSET(event_t, type, 10);
ASSERT_OFFSET(event_t, bytes, 16);
ASSERT_OFFSET(event_t, flags, 24);

#endif
