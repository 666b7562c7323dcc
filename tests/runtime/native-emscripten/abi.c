// Functions of the C library and of the compiler, as a library calls them that was built with Emscripten: the prototypes and the
// numbers are Emscripten's.
#include <Python.h>

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
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

IMPORT(__fpclassify) int theirs_fpclassify(double number);
IMPORT(__fpclassifyf) int theirs_fpclassifyf(float number);
IMPORT(__fpclassifyl) int theirs_fpclassifyl(long double number);
IMPORT(__signbit) int theirs_signbit(double number);
IMPORT(__signbitf) int theirs_signbitf(float number);
IMPORT(__signbitl) int theirs_signbitl(long double number);
IMPORT(gmtime_r) int *theirs_gmtime_r(const int64_t *time, int *parts);
IMPORT(localtime_r) int *theirs_localtime_r(const int64_t *time, int *parts);
IMPORT(mktime) int64_t theirs_mktime(int *parts);
IMPORT(timegm) int64_t theirs_timegm(int *parts);
IMPORT(strftime) size_t theirs_strftime(char *text, size_t size, const char *format, const int *parts);
IMPORT(mkstemp) int theirs_mkstemp(char *path);
IMPORT(mkstemps) int theirs_mkstemps(char *path, int suffix);
IMPORT(mkdtemp) char *theirs_mkdtemp(char *path);
IMPORT(tmpfile) FILE *theirs_tmpfile(void);
IMPORT(signal) intptr_t theirs_signal(int number, intptr_t handler);
IMPORT(pthread_atfork) int theirs_pthread_atfork(void *before, void *in_parent, void *in_child);
IMPORT(popen) FILE *theirs_popen(const char *command, const char *mode);
IMPORT(pclose) int theirs_pclose(FILE *file);
IMPORT(getrlimit) int theirs_getrlimit(int resource, void *limits);
IMPORT(msync) int theirs_msync(void *start, size_t length, int flags);
IMPORT(madvise) int theirs_madvise(void *start, size_t length, int advice);
IMPORT(emscripten_get_now) double theirs_get_now(void);
IMPORT(emscripten_get_sbrk_ptr) uint32_t *theirs_get_sbrk_ptr(void);

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

static void numbers(void) {
  say("__fpclassify %d %d, f %d, l %d", theirs_fpclassify(0.0), theirs_fpclassify(1.0), theirs_fpclassifyf(HUGE_VALF), theirs_fpclassifyl(NAN));
  say("__signbit %d %d, f %d, l %d", theirs_signbit(-0.0), theirs_signbit(1.0), theirs_signbitf(-1.0f), theirs_signbitl(2.0L));
}

static void calendar(void) {
  enum { PARTS = 11, GUARD = 42 };
  int64_t time = 365 * 86400;
  int parts[PARTS + 1];
  parts[PARTS] = GUARD;
  int is_result = theirs_gmtime_r(&time, parts) == parts;
  say("gmtime_r %d %d-%d-%d, %d", is_result, parts[5] + 1900, parts[4] + 1, parts[3], parts[PARTS]);
  char text[32];
  size_t length = theirs_strftime(text, sizeof text, "%a %Y-%m-%d", parts);
  say("strftime %d %s", (int)length, text);
  parts[3] += 31;
  int64_t later = theirs_timegm(parts);
  say("timegm %lld, month %d, %d", later - time, parts[4], parts[PARTS]);
  is_result = theirs_localtime_r(&time, parts) == parts;
  say("localtime_r %d, mktime %d, %d", is_result, theirs_mktime(parts) == time, parts[PARTS]);
}

static void temporary(void) {
  char path[] = "/tmp/a-XXXXXX", with_suffix[] = "/tmp/XXXXXX.c", directory[] = "/tmp/b-XXXXXX", bad[] = "/tmp/XXXXX";
  int file = theirs_mkstemp(path);
  say("mkstemp %d %d %d", file > 2, !memcmp(path, "/tmp/a-", 7), !strstr(path, "XXXXXX"));
  say("written %d, removed %d", (int)write(file, "text", 4), close(file) | unlink(path));
  file = theirs_mkstemps(with_suffix, 2);
  say("mkstemps %d %s, removed %d", file > 2, with_suffix + 11, close(file) | unlink(with_suffix));
  int is_result = theirs_mkdtemp(directory) == directory;
  say("mkdtemp %d, removed %d", is_result, rmdir(directory));
  errno = 0;
  say("mkstemp %d %d %s", theirs_mkstemp(bad), errno == EINVAL, bad);
  char line[8] = {0};
  FILE *nameless = theirs_tmpfile();
  if (nameless) {
    fputs("line", nameless);
    rewind(nameless);
    fgets(line, sizeof line, nameless);
    fclose(nameless);
  }
  say("tmpfile %s", line);
}

static void others(void) {
  say("signal %d", (int)theirs_signal(2, 0));
  say("pthread_atfork %d", theirs_pthread_atfork(NULL, NULL, NULL));
  errno = 0;
  say("popen %d %d, pclose %d", theirs_popen("true", "r") != NULL, errno == ENOSYS, theirs_pclose(stdout));
  say("getrlimit %d", theirs_getrlimit(0, NULL));
  say("msync %d, madvise %d %d", theirs_msync(NULL, 0, 0), theirs_madvise(NULL, 0, 1), theirs_madvise(NULL, 0, 4));
  double now = theirs_get_now();
  say("emscripten_get_now %d %d", now > 0, theirs_get_now() >= now);
  say("emscripten_get_sbrk_ptr %d", *theirs_get_sbrk_ptr() > (uintptr_t)&now);
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
  numbers();
  calendar();
  temporary();
  others();
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
