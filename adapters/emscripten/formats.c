// Emscripten's compiler calls smaller variants of `printf` where the format is simple. Their names are their own.
#include "abi.h"

#include <stdarg.h>
#include <stdio.h>

#define FORWARD(last, call) \
  va_list arguments;        \
  va_start(arguments, last); \
  int written = call;       \
  va_end(arguments);        \
  return written

#define FORMATS(prefix)                                                                               \
  EXPORTED int prefix##printf(const char *format, ...) {                                      \
    FORWARD(format, vprintf(format, arguments));                                                      \
  }                                                                                                   \
  EXPORTED int prefix##fprintf(FILE *file, const char *format, ...) {                         \
    FORWARD(format, vfprintf(file, format, arguments));                                               \
  }                                                                                                   \
  EXPORTED int prefix##sprintf(char *text, const char *format, ...) {                         \
    FORWARD(format, vsprintf(text, format, arguments));                                               \
  }                                                                                                   \
  EXPORTED int prefix##snprintf(char *text, size_t size, const char *format, ...) {           \
    FORWARD(format, vsnprintf(text, size, format, arguments));                                        \
  }

// Without `long double`.
FORMATS(__small_)

// Without any floating-point numbers.
EXPORTED int iprintf(const char *format, ...) { FORWARD(format, vprintf(format, arguments)); }
EXPORTED int fiprintf(FILE *file, const char *format, ...) { FORWARD(format, vfprintf(file, format, arguments)); }
EXPORTED int siprintf(char *text, const char *format, ...) { FORWARD(format, vsprintf(text, format, arguments)); }
EXPORTED int sniprintf(char *text, size_t size, const char *format, ...) {
  FORWARD(format, vsnprintf(text, size, format, arguments));
}
