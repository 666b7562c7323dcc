// A module that is also a library of functions with parameters and results of many kinds.
#include <Python.h>

#include <stdarg.h>

#define EXPORTED __attribute__((visibility("default")))

typedef struct {
  int x, y;
} point_t;

typedef struct {
  double value;
} lone_t;

EXPORTED int counter = 3;

EXPORTED int add(int a, int b) { return a + b; }
EXPORTED int none(void) { return 7; }
EXPORTED void set(int *to, int value) { *to = value; }
EXPORTED long long wide(long long a, int b) { return a * b; }
EXPORTED double half(double a, float b) { return (a + (double)b) / 2; }
EXPORTED float narrow(float a) { return a / 2; }
EXPORTED signed char least(signed char a, unsigned short b) { return a - b; }
EXPORTED long double longer(long double a, long double b) { return a / b; }

EXPORTED point_t turned(point_t p) {
  int x = p.x;
  p.x = -p.y;
  p.y = x;
  return p;
}

EXPORTED lone_t doubled(lone_t a) { return (lone_t){a.value * 2}; }

EXPORTED double weighted(const double *values, int count, double factor, int step, double start, int *used) {
  for (*used = 0; *used * step < count; ++*used) {
    start += values[*used * step] * factor;
  }
  return start;
}

EXPORTED double applied(double (*function)(double, void *), double value, void *data) { return function(value, data); }

EXPORTED int twelve(int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l) {
  return a + b + c + d + e + f + g + h + i + j + k * l;
}

EXPORTED double total(int count, ...) {
  va_list rest;
  va_start(rest, count);
  double sum = 0;
  for (int n = 0; n < count; n++) {
    sum += va_arg(rest, int);
    sum += va_arg(rest, double);
    sum += (double)va_arg(rest, long long);
    sum += va_arg(rest, point_t).y;
  }
  va_end(rest);
  return sum;
}

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "shapes", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_shapes(void) { return PyModule_Create(&module); }
