// What the files of lowering share about one value of each kind.
#ifndef COMPONENTIZE_PY_LOWER_H
#define COMPONENTIZE_PY_LOWER_H

#include "runtime.h"

int lower_integer(call_t *call, wit_type_t type, PyObject *value, uint64_t *bits);
int lower_float(call_t *call, wit_type_t type, PyObject *value, double *number);
int lower_bool(call_t *call, PyObject *value, bool *truth);
int lower_char(call_t *call, PyObject *value, uint32_t *code_point);
int lower_string(call_t *call, PyObject *value, const char **bytes, size_t *length);
int lower_enum(call_t *call, size_t index, PyObject *value, uint32_t *tag);
int lower_flags(call_t *call, size_t index, PyObject *value, uint32_t *bits);
int lower_case(call_t *call, wit_type_t type, PyObject *value, uint32_t *tag, PyObject **payload);
PyObject *lower_field(call_t *call, wit_type_t type, PyObject *value, size_t i);
int lower_map(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length);
// A list of fixed length, into the place where it belongs.
int lower_store_fixed(call_t *call, wit_type_t type, PyObject *value, uint8_t *target);
int lower_tape_fixed(call_t *call, wit_type_t type, PyObject *value);
float lower_narrow(double number);
int lower_check_tuple(call_t *call, wit_type_t type, PyObject *value);
int lower_within_field(call_t *call, wit_type_t type, size_t i);

#endif
