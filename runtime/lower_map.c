// Lowers `map<K, V>`: the entries of a dict, or of any other mapping, as a list of tuples.
#include "lower.h"

#include <string.h>

// `what` names the part of the entry that does not fit.
static int within_entry(call_t *call, const char *what, PyObject *key) {
  if (!call->error) {
    return -1;
  }
  PyObject *shown = PyObject_Repr(key);
  if (!shown) {
    PyErr_Clear();
    return lower_within(call, "%s of class `%.100s`", what, Py_TYPE(key)->tp_name);
  }
  int status = PyUnicode_GET_LENGTH(shown) > 60 ? lower_within(call, "%s %.57U...", what, shown)
                                                : lower_within(call, "%s %U", what, shown);
  Py_DECREF(shown);
  return status;
}

static int store_entry(call_t *call, const product_t *entry, PyObject *key, PyObject *value, uint8_t *target) {
  if (lower_store(call, entry->fields[0].type, key, target + entry->fields[0].offset) < 0) {
    return within_entry(call, "key", key);
  }
  if (lower_store(call, entry->fields[1].type, value, target + entry->fields[1].offset) < 0) {
    return within_entry(call, "value of key", key);
  }
  return 0;
}

static uint8_t *room_for(call_t *call, const list_t *type, Py_ssize_t length) {
  uint64_t size = (uint64_t)length * type->layout.size;
  uint8_t *items = size <= UINT32_MAX / 2 ? call_alloc(call, (size_t)size) : (uint8_t *)PyErr_NoMemory();
  if (items) {
    memset(items, 0, (size_t)size); // padding must not show old memory to the host
  }
  return items;
}

// Makes no copy, so each entry is held while application code may run.
static int from_dict(call_t *call, const list_t *type, PyObject *dict, uint8_t *items, Py_ssize_t length) {
  PyObject *key, *value;
  Py_ssize_t position = 0, stored = 0;
  while (stored < length && PyDict_GET_SIZE(dict) == length && PyDict_Next(dict, &position, &key, &value)) {
    Py_INCREF(key);
    Py_INCREF(value);
    int status = store_entry(call, type->entry, key, value, items + (size_t)stored++ * type->layout.size);
    Py_DECREF(key);
    Py_DECREF(value);
    if (status < 0) {
      return -1;
    }
  }
  if (PyDict_GET_SIZE(dict) != length || stored != length || PyDict_Next(dict, &position, &key, &value)) {
    PyErr_SetString(PyExc_RuntimeError, "the dict changed while it was being passed");
    return -1;
  }
  return 0;
}

static int store_pair(call_t *call, const list_t *type, PyObject *pair, uint8_t *target) {
  if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
    return lower_refuse(call, PyExc_TypeError,
                        PyUnicode_FromFormat("`items()` gave %.200s instead of a key and a value", Py_TYPE(pair)->tp_name));
  }
  return store_entry(call, type->entry, PyTuple_GET_ITEM(pair, 0), PyTuple_GET_ITEM(pair, 1), target);
}

// `pairs` is our own list, but code that runs meanwhile may find it through the collector.
static int from_pairs(call_t *call, const list_t *type, PyObject *pairs, uint8_t *items, Py_ssize_t length) {
  for (Py_ssize_t i = 0; i < length; i++) {
    PyObject *pair = PyList_GetItemRef(pairs, i);
    int status = pair ? store_pair(call, type, pair, items + (size_t)i * type->layout.size) : -1;
    Py_XDECREF(pair);
    if (status < 0) {
      return -1;
    }
  }
  return 0;
}

int lower_map(call_t *call, size_t index, PyObject *value, void **pointer, size_t *length) {
  const list_t *type = &runtime.lists[index];
  PyObject *pairs = NULL; // unless `value` is a plain dict
  if (!PyDict_CheckExact(value)) {
    int is_mapping = PyObject_IsInstance(value, runtime.mapping);
    if (is_mapping <= 0) {
      return is_mapping < 0 ? -1 : lower_mismatch(call, WIT_TYPE_LIST | (uint32_t)index << 8, value);
    }
    // A subclass of dict may have its own order, or its own entries.
    pairs = PyMapping_Items(value);
    if (!pairs) {
      return -1;
    }
  }
  Py_ssize_t count = pairs ? PyList_GET_SIZE(pairs) : PyDict_GET_SIZE(value);
  uint8_t *items = room_for(call, type, count);
  int status = !items ? -1 : pairs ? from_pairs(call, type, pairs, items, count) : from_dict(call, type, value, items, count);
  *pointer = items;
  *length = (size_t)count;
  Py_XDECREF(pairs);
  return status;
}
