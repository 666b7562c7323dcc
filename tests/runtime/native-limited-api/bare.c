#include <Python.h>

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "bare", "A name without a tag.", -1, NULL};

PyMODINIT_FUNC PyInit_bare(void) { return PyModule_Create(&module); }
