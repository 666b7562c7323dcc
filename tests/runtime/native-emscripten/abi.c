// Functions of the C library and of the compiler, as a library calls them that was built with Emscripten: the prototypes and the
// numbers are Emscripten's.
#include <Python.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// There it is not a variable.
int *__errno_location(void);
#undef errno
#define errno (*__errno_location())

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))

// As in `pyemscripten_2026_0`.
typedef struct {
  int64_t seconds;
  int32_t nanoseconds, padding;
} time_spec_t;

IMPORT(clock_gettime) int theirs_clock_gettime(int clock, time_spec_t *time);
IMPORT(clock_getres) int theirs_clock_getres(int clock, time_spec_t *time);
IMPORT(clock) int32_t theirs_clock(void);
IMPORT(pthread_condattr_setclock) int theirs_pthread_condattr_setclock(unsigned *attributes, int clock);
IMPORT(open) int theirs_open(const char *path, int flags, void *mode);
IMPORT(fstat) int theirs_fstat(int file, void *result);
IMPORT(stat) int theirs_stat(const char *path, void *result);
IMPORT(lstat) int theirs_lstat(const char *path, void *result);
IMPORT(fstatat) int theirs_fstatat(int directory, const char *path, void *result, int how);
IMPORT(siprintf) int theirs_siprintf(char *text, const char *format, void *arguments);
IMPORT(__small_snprintf) int theirs_small_snprintf(char *text, size_t size, const char *format, void *arguments);
IMPORT(__multi3) void theirs_multi3(uint64_t *product, uint64_t a, uint64_t a_high, uint64_t b, uint64_t b_high);
IMPORT(__lshrti3) void theirs_lshrti3(uint64_t *shifted, uint64_t low, uint64_t high, int by);
IMPORT(__udivti3) void theirs_udivti3(uint64_t *quotient, uint64_t a, uint64_t a_high, uint64_t b, uint64_t b_high);
IMPORT(__floatunditf) void theirs_floatunditf(uint64_t *number, uint64_t value);
IMPORT(__addtf3) void theirs_addtf3(uint64_t *sum, uint64_t a, uint64_t a_high, uint64_t b, uint64_t b_high);
IMPORT(__fixtfdi) int64_t theirs_fixtfdi(uint64_t low, uint64_t high);

static PyObject *said;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyObject *line = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  if (line) {
    PyList_Append(said, line);
    Py_DECREF(line);
  }
}

static void clocks(void) {
  time_spec_t real = {0}, steady = {0}, again = {0};
  say("clock_gettime %d %d %d", theirs_clock_gettime(0, &real), theirs_clock_gettime(1, &steady), theirs_clock_gettime(1, &again));
  say("after 2020 %d", real.seconds > 1577836800);
  say("goes on %d", again.seconds > steady.seconds || (again.seconds == steady.seconds && again.nanoseconds >= steady.nanoseconds));
  errno = 0;
  say("of the process %d %d", theirs_clock_gettime(2, &real), errno == EINVAL);
  say("clock_getres %d", theirs_clock_getres(1, &real));
  say("clock %d", theirs_clock() >= 0);
  unsigned attributes = 0;
  say("setclock %d %d", theirs_pthread_condattr_setclock(&attributes, 1), theirs_pthread_condattr_setclock(&attributes, 2) == EINVAL);
}

static void formats(void) {
  char text[32];
  struct {
    int number;
    const char *word;
  } arguments = {42, "words"};
  theirs_siprintf(text, "%d %s", &arguments);
  say("siprintf %s", text);
  int length = theirs_small_snprintf(text, 5, "%d %s", &arguments);
  say("__small_snprintf %s %d", text, length);
}

static void arithmetic(void) {
  uint64_t wide[2];
  theirs_multi3(wide, UINT64_MAX, 0, 16, 0);
  say("__multi3 %llx %llx", wide[1], wide[0]);
  theirs_lshrti3(wide, 0, 1, 60);
  say("__lshrti3 %llx %llx", wide[1], wide[0]);
  theirs_udivti3(wide, 0, 1, 3, 0);
  say("__udivti3 %llx %llx", wide[1], wide[0]);
  uint64_t number[2], sum[2];
  theirs_floatunditf(number, 5);
  theirs_addtf3(sum, number[0], number[1], number[0], number[1]);
  say("__addtf3 %d", (int)theirs_fixtfdi(sum[0], sum[1]));
}

static PyObject *report(PyObject *self, PyObject *nothing) {
  (void)self, (void)nothing;
  said = PyList_New(0);
  if (!said) {
    return NULL;
  }
  clocks();
  formats();
  arithmetic();
  return said;
}

static PyObject *file(PyObject *self, PyObject *path) {
  (void)self;
  enum { CREATE = 0100, EXCLUSIVE = 0200, DIRECT = 0200000, CLOSE_ON_EXEC = 02000000 };
  said = PyList_New(0);
  const char *name = PyUnicode_AsUTF8(path);
  if (!said || !name) {
    return NULL;
  }
  int mode = 0666;
  char text[8] = {0}, layout[128] = {0};
  int opened = theirs_open(name, CLOSE_ON_EXEC, &mode);
  say("open %d, read %d %s", opened > 2, (int)read(opened, text, 7), text);
  errno = 0;
  say("fstat %d %d %d", theirs_fstat(opened, layout), errno == ENOSYS, layout[0]);
  say("stat %d, lstat %d, fstatat %d", theirs_stat(name, layout), theirs_lstat(name, layout), theirs_fstatat(-100, name, layout, 0));
  errno = 0;
  say("create what exists %d %d", theirs_open(name, CREATE | EXCLUSIVE | 2, &mode), errno != 0);
  errno = 0;
  say("unknown flag %d %d", theirs_open(name, DIRECT, &mode), errno == EINVAL);
  close(opened);
  return said;
}

static PyMethodDef methods[] = {{"report", report, METH_NOARGS, NULL}, {"file", file, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "abi", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_abi(void) { return PyModule_Create(&definition); }
