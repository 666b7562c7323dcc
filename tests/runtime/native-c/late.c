#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "late", "Imported when it is needed.", -1, NULL};

PyMODINIT_FUNC PyInit_late(void) { return PyModule_Create(&module); }

PyMODINIT_FUNC PyInit_unused(void) { return PyModule_Create(&module); }
