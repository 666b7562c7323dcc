// Random numbers from the host, or an error where it gives none.
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <wasi/wasip2.h>

// The limit that POSIX sets.
enum { MOST_ENTROPY = 256 };

// Takes precedence over wasi-libc's function of this name, which ends the process if the host gives too few bytes. That is
// what a component does that was built with `--wasi world` for a world without `wasi:random`. CPython goes on without: `random`
// takes the time for its seed, and `os.urandom` raises an exception.
__attribute__((visibility("default"))) int getentropy(void *buffer, size_t length) {
  if (length > MOST_ENTROPY) {
    errno = EIO;
    return -1;
  }
  wasip2_list_u8_t bytes;
  random_get_random_bytes(length, &bytes);
  int status = 0;
  if (bytes.len == length) {
    memcpy(buffer, bytes.ptr, length);
  } else {
    errno = ENOSYS;
    status = -1;
  }
  wasip2_list_u8_free(&bytes);
  return status;
}
