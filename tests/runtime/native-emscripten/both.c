// Built for both: beside an extension for WASI, one for Emscripten is not taken.
#include <Python.h>

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "both", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_both(void) { return PyModule_Create(&definition); }
