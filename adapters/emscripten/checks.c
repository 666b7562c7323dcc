// What code calls that Emscripten compiled with checks of its own (`SAFE_HEAP`).
#include "abi.h"

#include <stdio.h>
#include <stdlib.h>

// Addresses beyond the end of the memory that `sbrk` gave would be an error. Ours comes from elsewhere, so all are before it.
EXPORTED uintptr_t *emscripten_get_sbrk_ptr(void) {
  static uintptr_t end = UINTPTR_MAX;
  return &end;
}

static _Noreturn void fail(const char *reason) {
  fputs(reason, stderr);
  abort();
}

EXPORTED void segfault(void) { fail("an extension built for Emscripten used an address that is not valid\n"); }
EXPORTED void alignfault(void) { fail("an extension built for Emscripten used an address that is not aligned\n"); }
