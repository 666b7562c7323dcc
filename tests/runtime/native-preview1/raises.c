#include <Python.h>

// Nothing of WASI 0.2 is like it.
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_raise"))) int32_t proc_raise(int32_t);

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "raises", NULL, -1, NULL};

PyMODINIT_FUNC PyInit_raises(void) { return proc_raise(9) ? NULL : PyModule_Create(&module); }
