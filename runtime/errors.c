// The two ways in which a call ends for good.
#include "runtime.h"

#include <stdio.h>

void die_of_exception(void) {
  // Honours SystemExit; prints the traceback once otherwise. Standard output and error are not buffered.
  PyErr_PrintEx(0);
  __builtin_trap();
}

void die_of_bug(const char *message) {
  fprintf(stderr, "componentize-py: internal error: %s\n", message);
  __builtin_trap();
}
