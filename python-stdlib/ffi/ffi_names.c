// The functions and variables of C and Python that `ctypes.CDLL(None)` and `ctypes.pythonapi` find by name. A component has no
// table of all names of its C library and of CPython, because it is made of what is used; listing a function here brings
// it into each component with `_ctypes`. The types are those of WebAssembly, for `ffi_fit`; the compiler checks the number of
// parameters, and the result.
#include "Python.h"

#include "ffi.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

// F(name, result, parameters), with the letters of `ffi_call.c` and `v` for no result. M has more arguments at the end.
#define FUNCTIONS(F, M)                          \
  F(abs, i, i)                                   \
  F(atof, d, i)                                  \
  F(atoi, i, i)                                  \
  F(atol, i, i)                                  \
  F(atoll, l, i)                                 \
  F(bsearch, i, iiiii)                           \
  F(calloc, i, ii)                               \
  F(close, i, i)                                 \
  F(exp, d, d)                                   \
  F(fabs, d, d)                                  \
  F(fclose, i, i)                                \
  F(fflush, i, i)                                \
  F(floor, d, d)                                 \
  F(fmod, d, dd)                                 \
  F(fopen, i, ii)                                \
  M(fprintf, i, ii)                              \
  F(fputs, i, ii)                                \
  F(fread, i, iiii)                              \
  F(free, v, i)                                  \
  F(fwrite, i, iiii)                             \
  F(getenv, i, i)                                \
  F(isalpha, i, i)                               \
  F(isdigit, i, i)                               \
  F(labs, i, i)                                  \
  F(log, d, d)                                   \
  F(malloc, i, i)                                \
  F(memchr, i, iii)                              \
  F(memcmp, i, iii)                              \
  F(memcpy, i, iii)                              \
  F(memmove, i, iii)                             \
  F(memset, i, iii)                              \
  F(pow, d, dd)                                  \
  M(printf, i, i)                                \
  F(puts, i, i)                                  \
  F(qsort, v, iiii)                              \
  F(rand, i, )                                   \
  F(read, i, iii)                                \
  F(realloc, i, ii)                              \
  F(setenv, i, iii)                              \
  F(sin, d, d)                                   \
  M(snprintf, i, iii)                            \
  M(sprintf, i, ii)                              \
  F(sqrt, d, d)                                  \
  F(srand, v, i)                                 \
  M(sscanf, i, ii)                               \
  F(strcasecmp, i, ii)                           \
  F(strcat, i, ii)                               \
  F(strchr, i, ii)                               \
  F(strcmp, i, ii)                               \
  F(strcpy, i, ii)                               \
  F(strdup, i, i)                                \
  F(strerror, i, i)                              \
  F(strlen, i, i)                                \
  F(strncmp, i, iii)                             \
  F(strncpy, i, iii)                             \
  F(strnlen, i, ii)                              \
  F(strrchr, i, ii)                              \
  F(strstr, i, ii)                               \
  F(strtod, d, ii)                               \
  F(strtok, i, ii)                               \
  F(strtol, i, iii)                              \
  F(strtoll, l, iii)                             \
  F(strtoul, i, iii)                             \
  F(time, l, i)                                  \
  F(tolower, i, i)                               \
  F(toupper, i, i)                               \
  F(wcslen, i, i)                                \
  F(write, i, iii)                               \
  F(Py_AddPendingCall, i, ii)                    \
  F(Py_DecRef, v, i)                             \
  F(Py_GetVersion, i, )                          \
  F(Py_IncRef, v, i)                             \
  F(Py_IsInitialized, i, )                       \
  F(PyBuffer_FillInfo, i, iiiiii)                \
  F(PyBuffer_Release, v, i)                      \
  F(PyByteArray_AsString, i, i)                  \
  F(PyByteArray_FromStringAndSize, i, ii)        \
  F(PyBytes_AsString, i, i)                      \
  F(PyBytes_AsStringAndSize, i, iii)             \
  M(PyBytes_FromFormat, i, i)                    \
  F(PyBytes_FromString, i, i)                    \
  F(PyBytes_FromStringAndSize, i, ii)            \
  F(PyBytes_Size, i, i)                          \
  F(PyCallable_Check, i, i)                      \
  F(PyCapsule_GetName, i, i)                     \
  F(PyCapsule_GetPointer, i, ii)                 \
  F(PyCapsule_IsValid, i, ii)                    \
  F(PyCapsule_New, i, iii)                       \
  F(PyCell_Get, i, i)                            \
  F(PyCell_Set, i, ii)                           \
  F(PyDict_GetItem, i, ii)                       \
  F(PyDict_New, i, )                             \
  F(PyDict_SetItem, i, iii)                      \
  F(PyErr_Clear, v, )                            \
  M(PyErr_Format, i, ii)                         \
  F(PyErr_Occurred, i, )                         \
  F(PyErr_SetString, v, ii)                      \
  F(PyEval_GetFrame, i, )                        \
  F(PyEval_GetFrameBuiltins, i, )                \
  F(PyEval_GetFrameGlobals, i, )                 \
  F(PyEval_GetFrameLocals, i, )                  \
  F(PyFloat_AsDouble, d, i)                      \
  F(PyFloat_FromDouble, i, d)                    \
  F(PyFrame_GetLocals, i, i)                     \
  F(PyGILState_Check, i, )                       \
  F(PyGILState_Ensure, i, )                      \
  F(PyGILState_Release, v, i)                    \
  F(PyImport_ImportModule, i, i)                 \
  F(PyList_Append, i, ii)                        \
  F(PyList_GetItem, i, ii)                       \
  F(PyList_New, i, i)                            \
  F(PyList_SetItem, i, iii)                      \
  F(PyList_Size, i, i)                           \
  F(PyLong_AsLong, i, i)                         \
  F(PyLong_AsLongLong, l, i)                     \
  F(PyLong_AsVoidPtr, i, i)                      \
  F(PyLong_FromLong, i, i)                       \
  F(PyLong_FromLongLong, i, l)                   \
  F(PyLong_FromVoidPtr, i, i)                    \
  F(PyMem_Free, v, i)                            \
  F(PyMem_Malloc, i, i)                          \
  F(PyMemoryView_FromMemory, i, iii)             \
  F(PyMemoryView_FromObject, i, i)               \
  F(PyModule_GetDict, i, i)                      \
  F(PyModule_GetState, i, i)                     \
  F(PyObject_CallObject, i, ii)                  \
  F(PyObject_CheckBuffer, i, i)                  \
  F(PyObject_GetAttr, i, ii)                     \
  F(PyObject_GetAttrString, i, ii)               \
  F(PyObject_GetBuffer, i, iii)                  \
  F(PyObject_GetItem, i, ii)                     \
  F(PyObject_Hash, i, i)                         \
  F(PyObject_IsTrue, i, i)                       \
  F(PyObject_Repr, i, i)                         \
  F(PyObject_SetAttrString, i, iii)              \
  F(PyObject_Str, i, i)                          \
  F(PyObject_Type, i, i)                         \
  M(PyOS_snprintf, i, iii)                       \
  F(PyThreadState_Get, i, )                      \
  F(PyThreadState_SetAsyncExc, i, ii)            \
  F(PyTuple_GetItem, i, ii)                      \
  F(PyTuple_New, i, i)                           \
  F(PyTuple_SetItem, i, iii)                     \
  F(PyTuple_Size, i, i)                          \
  F(PyType_Modified, v, i)                       \
  F(PyUnicode_AsUTF8, i, i)                      \
  F(PyUnicode_AsUTF8AndSize, i, ii)              \
  M(PyUnicode_FromFormat, i, i)                  \
  F(PyUnicode_FromString, i, i)                  \
  F(PyUnicode_FromStringAndSize, i, ii)          \
  F(PyUnicode_InternInPlace, v, i)               \
  M(PyUnicodeWriter_Format, i, ii)               \
  F(PyUnstable_Code_GetExtra, i, iii)            \
  F(PyUnstable_Code_SetExtra, i, iii)            \
  F(PyUnstable_Eval_RequestCodeExtraIndex, i, i) \
  F(_PyObject_Dump, v, i)
// Variables: X(name).
#define VARIABLES(X)           \
  X(PyBool_Type)               \
  X(PyByteArray_Type)          \
  X(PyBytes_Type)              \
  X(PyDict_Type)               \
  X(PyFloat_Type)              \
  X(PyImport_FrozenModules)    \
  X(PyList_Type)               \
  X(PyLong_Type)               \
  X(PyMethod_Type)             \
  X(PyOS_InputHook)            \
  X(PySet_Type)                \
  X(PyTuple_Type)              \
  X(PyType_Type)               \
  X(PyUnicode_Type)            \
  X(Py_OptimizeFlag)           \
  X(Py_Version)                \
  X(_PyImport_FrozenBootstrap) \
  X(_PyImport_FrozenStdlib)    \
  X(_PyImport_FrozenTest)      \
  X(_Py_NoneStruct)

// CPython's own tests look at these.
extern const struct _frozen *_PyImport_FrozenBootstrap, *_PyImport_FrozenStdlib, *_PyImport_FrozenTest;

#define FUNCTION(name, result, parameters) {#name, (void (*)(void))name, #result #parameters},
#define MORE(name, result, parameters) {#name, (void (*)(void))name, #result #parameters "."},
#define VARIABLE(name) {#name, (void (*)(void)) & name, NULL},

_Py_COMP_DIAG_PUSH
_Py_COMP_DIAG_IGNORE_DEPR_DECLS
static const ffi_named_t named[] = {FUNCTIONS(FUNCTION, MORE) VARIABLES(VARIABLE)};

// Arguments for checking the types. The calls are not made.
#define ARGUMENTS_ ()
#define ARGUMENTS_i (0)
#define ARGUMENTS_ii (0, 0)
#define ARGUMENTS_iii (0, 0, 0)
#define ARGUMENTS_iiii (0, 0, 0, 0)
#define ARGUMENTS_iiiii (0, 0, 0, 0, 0)
#define ARGUMENTS_iiiiii (0, 0, 0, 0, 0, 0)
#define ARGUMENTS_l (1LL)
#define ARGUMENTS_d (0.0)
#define ARGUMENTS_dd (0.0, 0.0)
#define LETTER(type) \
  _Generic((type *)0, void *: 'v', long long *: 'l', unsigned long long *: 'l', float *: 'f', double *: 'd', default: 'i')
#define CHECK(name, result, parameters) \
  _Static_assert(LETTER(__typeof__((name)ARGUMENTS_##parameters)) == #result[0], "the result of " #name);
FUNCTIONS(CHECK, CHECK)
_Py_COMP_DIAG_POP

const ffi_named_t *ffi_named_at(void (*function)(void)) {
  for (size_t n = 0; n < sizeof named / sizeof *named; n++) {
    // The addresses of functions and of variables are counted separately.
    if (named[n].function == function && named[n].signature) {
      return &named[n];
    }
  }
  return NULL;
}

// For `dlsym` (`runtime/dl.c`).
__attribute__((visibility("default"))) void *componentize_py_named(const char *name) {
  for (size_t n = 0; n < sizeof named / sizeof *named; n++) {
    if (strcmp(named[n].name, name) == 0) {
      return (void *)named[n].function;
    }
  }
  return NULL;
}
