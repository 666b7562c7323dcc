// Times as parts of a calendar. Emscripten's `struct tm` is ours without nanoseconds at the end, so ours must not be written into
// it. `gmtime` and `localtime` return ours, whose first parts are the same.
#include "abi.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

typedef struct {
  int second, minute, hour, day, month, year, weekday, day_of_year, is_summer;
  long offset;
  const char *zone;
} parts_t;

_Static_assert(sizeof(parts_t) == offsetof(struct tm, __tm_nsec), "ours has nanoseconds besides");
_Static_assert(offsetof(parts_t, zone) == offsetof(struct tm, __tm_zone), "the parts are the same");

static struct tm ours(const parts_t *theirs) {
  struct tm parts = {0};
  memcpy(&parts, theirs, sizeof *theirs);
  return parts;
}

static parts_t *give(parts_t *theirs, const struct tm *parts) {
  return parts ? memcpy(theirs, parts, sizeof *theirs) : NULL;
}

parts_t *EMSCRIPTEN(gmtime_r)(const time_t *time, parts_t *result) {
  struct tm parts;
  return give(result, gmtime_r(time, &parts));
}

parts_t *EMSCRIPTEN(localtime_r)(const time_t *time, parts_t *result) {
  struct tm parts;
  return give(result, localtime_r(time, &parts));
}

time_t EMSCRIPTEN(mktime)(parts_t *theirs) {
  struct tm parts = ours(theirs);
  time_t time = mktime(&parts);
  give(theirs, &parts);
  return time;
}

time_t EMSCRIPTEN(timegm)(parts_t *theirs) {
  struct tm parts = ours(theirs);
  time_t time = timegm(&parts);
  give(theirs, &parts);
  return time;
}

size_t EMSCRIPTEN(strftime)(char *text, size_t size, const char *format, const parts_t *theirs) {
  struct tm parts = ours(theirs);
  return strftime(text, size, format, &parts);
}
