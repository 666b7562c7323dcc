// Shared by the files that lower values: functions for one value of each kind.
#ifndef COMPONENTIZE_PY_LOWER_H
#define COMPONENTIZE_PY_LOWER_H

#include "runtime.h"

// The target of items: memory of the call, which is yet to be allocated, or (`fixed`) the place for exactly `length` of
// them.
typedef struct room {
  void *items;
  size_t length;
  bool fixed;
} room_t;

int lower_make_room(call_t *call, const list_t *type, Py_ssize_t length, room_t *room);
// Lowers the items of an object with the buffer protocol: 1 if they are in `room`, 0 if each must be converted by
// itself, -1 if they do not fit. `given` gets the description of the object for messages.
#define BUFFER_TEXT 64
int lower_buffer(call_t *call, const list_t *type, wit_type_t shown, PyObject *value, room_t *room,
                 char given[BUFFER_TEXT]);

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
// A list of fixed length, written into its place.
int lower_store_fixed(call_t *call, wit_type_t type, PyObject *value, uint8_t *target);
int lower_tape_fixed(call_t *call, wit_type_t type, PyObject *value);
float lower_narrow(double number);
int lower_check_tuple(call_t *call, wit_type_t type, PyObject *value);
int lower_within_field(call_t *call, wit_type_t type, size_t i);

#endif
