// Each function of WASI preview 1, as a library calls it that was built for it. Structures are taken apart byte by byte.
#include <Python.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define IMPORT(name, ...)                                                                                                    \
  __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t preview1_##name(__VA_ARGS__)

typedef uint32_t u32;
typedef uint64_t u64;

IMPORT(args_get, char **, char *);
IMPORT(args_sizes_get, u32 *, u32 *);
IMPORT(clock_res_get, u32, u64 *);
IMPORT(clock_time_get, u32, u64, u64 *);
IMPORT(environ_get, char **, char *);
IMPORT(environ_sizes_get, u32 *, u32 *);
IMPORT(fd_advise, u32, u64, u64, u32);
IMPORT(fd_close, u32);
IMPORT(fd_datasync, u32);
IMPORT(fd_fdstat_get, u32, uint8_t *);
IMPORT(fd_fdstat_set_flags, u32, u32);
IMPORT(fd_filestat_get, u32, uint8_t *);
IMPORT(fd_filestat_set_size, u32, u64);
IMPORT(fd_filestat_set_times, u32, u64, u64, u32);
IMPORT(fd_pread, u32, const u32 *, u32, u64, u32 *);
IMPORT(fd_prestat_dir_name, u32, char *, u32);
IMPORT(fd_prestat_get, u32, uint8_t *);
IMPORT(fd_pwrite, u32, const u32 *, u32, u64, u32 *);
IMPORT(fd_read, u32, const u32 *, u32, u32 *);
IMPORT(fd_renumber, u32, u32);
IMPORT(fd_seek, u32, int64_t, u32, u64 *);
IMPORT(fd_sync, u32);
IMPORT(fd_tell, u32, u64 *);
IMPORT(fd_write, u32, const u32 *, u32, u32 *);
IMPORT(path_create_directory, u32, const char *, u32);
IMPORT(path_filestat_get, u32, u32, const char *, u32, uint8_t *);
IMPORT(path_filestat_set_times, u32, u32, const char *, u32, u64, u64, u32);
IMPORT(path_link, u32, u32, const char *, u32, u32, const char *, u32);
IMPORT(path_open, u32, u32, const char *, u32, u32, u64, u64, u32, u32 *);
IMPORT(path_readlink, u32, const char *, u32, char *, u32, u32 *);
IMPORT(path_remove_directory, u32, const char *, u32);
IMPORT(path_rename, u32, const char *, u32, u32, const char *, u32);
IMPORT(path_symlink, const char *, u32, u32, const char *, u32);
IMPORT(path_unlink_file, u32, const char *, u32);
IMPORT(poll_oneoff, const uint8_t *, uint8_t *, u32, u32 *);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"), noreturn)) void
preview1_proc_exit(u32);
IMPORT(random_get, uint8_t *, u32);
IMPORT(sched_yield, void);
IMPORT(sock_recv, u32, const u32 *, u32, u32, u32 *, uint16_t *);
IMPORT(sock_send, u32, const u32 *, u32, u32, u32 *);
IMPORT(sock_shutdown, u32, u32);

static PyObject *report;

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyObject *line = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  if (line) {
    PyList_Append(report, line);
    Py_DECREF(line);
  }
}

static u64 read_u64(const uint8_t *at) {
  u64 value;
  memcpy(&value, at, sizeof value);
  return value;
}

static PyObject *files(PyObject *self, PyObject *directory) {
  (void)self;
  report = PyList_New(0);
  const char *path = PyUnicode_AsUTF8(directory);
  if (!report || !path) {
    return NULL;
  }
  u32 root = (u32)open(path, O_RDONLY | O_DIRECTORY), fd = 0, used = 0;
  u64 place = 0;
  uint8_t stat[64];
  char bytes[16] = {0}, more[16] = {0};
  u32 parts[] = {(u32)bytes, 4, (u32)more, 3};
  const char *name = "text.txt";

  say("path_open %d", preview1_path_open(root, 1, name, 8, 0, 2, 0, 0, &fd));
  say("path_open of nothing %d", preview1_path_open(root, 1, "nothing", 7, 0, 2, 0, 0, &used) == ENOENT);
  say("path_open from the root %d", preview1_path_open(root, 1, "/0", 2, 0, 2, 0, 0, &used) == EPERM);
  say("path_open for writing %d", preview1_path_open(root, 1, name, 8, 0, 64, 0, 0, &used) != 0);
  say("fd_read %d %d %s %s", preview1_fd_read(fd, parts, 2, &used), used, bytes, more);
  say("fd_tell %d %d", preview1_fd_tell(fd, &place), (int)place);
  say("fd_seek %d %d", preview1_fd_seek(fd, -2, 1, &place), (int)place);
  say("fd_seek to the end %d %d", preview1_fd_seek(fd, 0, 2, &place), (int)place);
  say("fd_seek before the start %d", preview1_fd_seek(fd, -1, 0, &place) == EINVAL);
  say("fd_pread %d %d %s", preview1_fd_pread(fd, parts, 1, 6, &used), used, bytes);
  say("fd_filestat_get %d type %d links %d size %d", preview1_fd_filestat_get(fd, stat), stat[16],
      read_u64(stat + 24) > 0, (int)read_u64(stat + 32));
  say("path_filestat_get %d type %d", preview1_path_filestat_get(root, 1, ".", 1, stat), stat[16]);
  memset(stat, 0xee, sizeof stat);
  say("fd_fdstat_get %d type %d flags %d rights %d behind %x", preview1_fd_fdstat_get(fd, stat), stat[0],
      stat[2] | stat[3] << 8, read_u64(stat + 8) == UINT64_MAX, stat[24]);
  say("fd_fdstat_set_flags %d", preview1_fd_fdstat_set_flags(fd, 2) == ENOTSUP);
  say("fd_advise %d", preview1_fd_advise(fd, 0, 1, 99) == EINVAL);
  say("fd_advise for real %d", preview1_fd_advise(fd, 0, 1, 0));
  say("fd_pwrite %d", preview1_fd_pwrite(fd, parts, 1, 0, &used) != 0);
  say("fd_filestat_set_size %d", preview1_fd_filestat_set_size(fd, 0) != 0);
  say("fd_filestat_set_times %d", preview1_fd_filestat_set_times(fd, 1, 1, 3) == EINVAL);
  say("fd_sync, fd_datasync %d", preview1_fd_sync(9999) == EBADF && preview1_fd_datasync(9999) == EBADF);
  say("fd_prestat_get %d", preview1_fd_prestat_get(3, stat) == EBADF);
  say("fd_prestat_dir_name %d", preview1_fd_prestat_dir_name(3, bytes, 16) == EBADF);
  say("path_create_directory %d", preview1_path_create_directory(root, "new", 3) != 0);
  say("path_remove_directory %d", preview1_path_remove_directory(root, "new", 3) != 0);
  say("path_unlink_file %d", preview1_path_unlink_file(root, name, 8) != 0);
  say("path_rename %d", preview1_path_rename(root, name, 8, root, "new", 3) != 0);
  say("path_link %d", preview1_path_link(root, 0, name, 8, root, "new", 3) != 0);
  say("path_symlink %d", preview1_path_symlink(name, 8, root, "new", 3) != 0);
  say("path_readlink %d", preview1_path_readlink(root, name, 8, bytes, 16, &used) != 0);
  say("path_filestat_set_times %d", preview1_path_filestat_set_times(root, 1, name, 8, 1, 1, 5) != 0);
  say("a path with a zero %d", preview1_path_unlink_file(root, "te\0t.txt", 8) == EINVAL);
  say("no path %d", preview1_path_unlink_file(root, "", 0) == ENOENT);
  say("sock_send %d", preview1_sock_send(9999, parts, 1, 0, &used) == EBADF);
  say("sock_recv %d", preview1_sock_recv(9999, parts, 1, 0, &used, (uint16_t *)stat) == EBADF);
  say("sock_shutdown %d", preview1_sock_shutdown(fd, 0) == EINVAL);
  u32 other = 0;
  say("fd_renumber %d", preview1_path_open(root, 1, name, 8, 0, 2, 0, 0, &other) || preview1_fd_renumber(other, fd));
  say("fd_close %d", preview1_fd_close(fd));
  say("fd_close again %d", preview1_fd_close(fd) == EBADF);
  close((int)root);
  return report;
}

static void say_all(const char *what, int32_t get(char **, char *), int32_t sizes(u32 *, u32 *)) {
  u32 count = 0, size = 0;
  char *pointers[16], bytes[256];
  int32_t error = sizes(&count, &size);
  if (error || count > 16 || size > 256) {
    say("%s: error %d, %u, %u", what, error, count, size);
    return;
  }
  error = get(pointers, bytes);
  say("%s: error %d, %u of %u bytes", what, error, count, size);
  for (u32 i = 0; i < count; i++) {
    say("%s %s", what, pointers[i]);
  }
}

static PyObject *process(PyObject *self, PyObject *none) {
  (void)self, (void)none;
  report = PyList_New(0);
  if (!report) {
    return NULL;
  }
  say_all("argument", preview1_args_get, preview1_args_sizes_get);
  say_all("variable", preview1_environ_get, preview1_environ_sizes_get);
  uint8_t one[1000] = {0}, other[1000] = {0};
  say("random_get %d %d", preview1_random_get(one, 1000), preview1_random_get(other, 1000));
  say("random %d", memcmp(one, other, 1000) != 0 && memcmp(one, one + 500, 500) != 0);
  u64 time = 0, later = 0, resolution = 0;
  say("clock_time_get %d", preview1_clock_time_get(0, 1, &time));
  say("after 2024: %d", time > (u64)1704067200 * 1000000000);
  say("clock_time_get %d", preview1_clock_time_get(1, 1, &time) || preview1_clock_time_get(1, 1, &later));
  say("goes on: %d", later >= time);
  say("clock_res_get %d %d", preview1_clock_res_get(1, &resolution), resolution > 0);
  say("clock_time_get of a process %d", preview1_clock_time_get(2, 1, &time) == EINVAL);
  u32 used = 0;
  u32 parts[] = {(u32) "to std", 6, (u32) "out\n", 4};
  say("fd_write %d", preview1_fd_write(1, parts, 2, &used));
  say("written %u", used);
  say("fd_write to nothing %d", preview1_fd_write(9999, parts, 2, &used) == EBADF);
  say("sched_yield %d", preview1_sched_yield());
  return report;
}

static void put(uint8_t *at, u64 value, size_t size) { memcpy(at, &value, size); }

static PyObject *waiting(PyObject *self, PyObject *none) {
  (void)self, (void)none;
  report = PyList_New(0);
  if (!report) {
    return NULL;
  }
  // A clock that is due in 20 milliseconds, one in an hour, and standard output.
  uint8_t wanted[3 * 48] = {0}, events[3 * 32];
  u32 count = 99;
  u64 before = 0, after = 0;
  put(wanted, 7, 8);
  put(wanted + 16, 1, 4);
  put(wanted + 24, 20000000, 8);
  put(wanted + 48, 8, 8);
  put(wanted + 48 + 16, 1, 4);
  put(wanted + 48 + 24, (u64)3600 * 1000000000, 8);
  put(wanted + 96, 9, 8);
  wanted[96 + 8] = 2;
  put(wanted + 96 + 16, 1, 4);
  memset(events, 0xee, sizeof events);
  preview1_clock_time_get(1, 1, &before);
  say("clocks %d", preview1_poll_oneoff(wanted, events, 2, &count));
  preview1_clock_time_get(1, 1, &after);
  say("events %u: of %d, error %d, type %d", count, (int)read_u64(events), events[8] | events[9] << 8, events[10]);
  say("in time %d", after - before >= 20000000 && after - before < (u64)60 * 1000000000);
  say("output %d", preview1_poll_oneoff(wanted + 48, events, 2, &count));
  say("events %u: of %d, error %d, type %d", count, (int)read_u64(events), events[8] | events[9] << 8, events[10]);
  wanted[8] = 77;
  say("unknown %d", preview1_poll_oneoff(wanted, events, 1, &count));
  say("events %u: error %d", count, (events[8] | events[9] << 8) == EINVAL);
  say("nothing %d", preview1_poll_oneoff(wanted, events, 0, &count) == EINVAL);
  return report;
}

static PyObject *leave(PyObject *self, PyObject *code) {
  (void)self;
  preview1_proc_exit((u32)PyLong_AsLong(code));
}

static PyMethodDef methods[] = {{"files", files, METH_O, NULL},
                                {"process", process, METH_NOARGS, NULL},
                                {"waiting", waiting, METH_NOARGS, NULL},
                                {"leave", leave, METH_O, NULL},
                                {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "preview1", NULL, -1, methods};

PyMODINIT_FUNC PyInit_preview1(void) { return PyModule_Create(&module); }
