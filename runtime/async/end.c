// The ends of streams and futures: who owns them, and how they cross the boundary.
#include "async.h"

// --- Types -------------------------------------------------------------------------------------------------------

static bool products_equal(const product_t *one, const product_t *other) {
  if (one->count != other->count || !one->items != !other->items) {
    return false;
  }
  for (size_t i = 0; i < one->count; i++) {
    if (!types_equal(one->fields[i].type, other->fields[i].type)) {
      return false;
    }
  }
  return true;
}

static wit_type_t payload_type(bool is_future, size_t index) {
  return type_resolve(is_future ? runtime.wit->futures[index].ty : runtime.wit->streams[index].ty);
}

// Types without a name are the same if they have the same parts.
bool types_equal(wit_type_t one, wit_type_t other) {
  one = type_resolve(one);
  other = type_resolve(other);
  if (one == other) {
    return true;
  }
  if (WIT_TYPE_KIND(one) != WIT_TYPE_KIND(other)) {
    return false;
  }
  size_t index = WIT_TYPE_INDEX(one), other_index = WIT_TYPE_INDEX(other);
  switch (WIT_TYPE_KIND(one)) {
  case WIT_TYPE_LIST:
    return !runtime.lists[index].entry == !runtime.lists[other_index].entry &&
           types_equal(runtime.lists[index].element, runtime.lists[other_index].element);
  case WIT_TYPE_OPTION:
    return types_equal(type_sum(one)->cases[1].type, type_sum(other)->cases[1].type);
  case WIT_TYPE_RESULT:
    return types_equal(type_sum(one)->cases[0].type, type_sum(other)->cases[0].type) &&
           types_equal(type_sum(one)->cases[1].type, type_sum(other)->cases[1].type);
  case WIT_TYPE_TUPLE:
    return products_equal(type_product(one), type_product(other));
  case WIT_TYPE_STREAM:
    return types_equal(payload_type(false, index), payload_type(false, other_index));
  case WIT_TYPE_FUTURE:
    return types_equal(payload_type(true, index), payload_type(true, other_index));
  default:
    return false;
  }
}

static bool any_case_holds_handles(const sum_t *sum) {
  for (size_t i = 0; i < sum->count; i++) {
    if (type_holds_handles(sum->cases[i].type)) {
      return true;
    }
  }
  return false;
}

bool type_holds_handles(wit_type_t type) {
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_OWN:
  case WIT_TYPE_BORROW:
  case WIT_TYPE_STREAM:
  case WIT_TYPE_FUTURE:
    return true;
  case WIT_TYPE_LIST:
    return type_holds_handles(runtime.lists[WIT_TYPE_INDEX(type)].element);
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE: {
    const product_t *product = type_product(type);
    for (size_t i = 0; i < product->count; i++) {
      if (type_holds_handles(product->fields[i].type)) {
        return true;
      }
    }
    return false;
  }
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT:
    return any_case_holds_handles(type_sum(type));
  default:
    return false;
  }
}

// --- The type End ------------------------------------------------------------------------------------------------

// The number of ends that are ours, for `componentize_py_runtime.live`.
static size_t live;

size_t end_live(void) { return live; }

static void drop_handle(bool is_future, bool is_writer, size_t index, uint32_t handle) {
  if (is_future) {
    const wit_future_t *wit = &runtime.wit->futures[index];
    (is_writer ? wit->drop_writable : wit->drop_readable)(handle);
  } else {
    const wit_stream_t *wit = &runtime.wit->streams[index];
    (is_writer ? wit->drop_writable : wit->drop_readable)(handle);
  }
}

void end_release(End *end, end_state_t next) {
  if (end->state == END_OWNED && !end->busy) {
    end->state = next;
    live--;
    drop_handle(end->is_future, end->is_writer, end->index, end->handle);
    Py_CLEAR(end->default_value);
  }
}

int end_check(const End *end) {
  static const char *const WHY[] = {[END_PENDING] = "is passed twice",
                                    [END_GIVEN_AWAY] = "was given away",
                                    [END_DROPPED] = "was closed",
                                    [END_USED] = "was used already: a future is read and written once"};
  const char *what = end->is_future ? "future" : "stream";
  const char *side = end->is_writer ? "writable" : "readable";
  if (end->state != END_OWNED) {
    PyErr_Format(PyExc_ValueError, "the %s end of this %s %s", side, what, WHY[end->state]);
    return -1;
  }
  if (end->busy) {
    PyErr_Format(PyExc_RuntimeError, "another operation is running on the %s end of this %s", side, what);
    return -1;
  }
  return 0;
}

// A future's default is often a closure over the object that holds the end.
static int end_traverse(PyObject *self, visitproc visit, void *arg) {
  Py_VISIT(((End *)self)->default_value);
  Py_VISIT(((End *)self)->kept);
  return 0;
}

static int end_clear(PyObject *self) {
  Py_CLEAR(((End *)self)->default_value);
  Py_CLEAR(((End *)self)->kept);
  return 0;
}

static void end_dealloc(PyObject *self) {
  End *end = (End *)self;
  PyObject_GC_UnTrack(self);
  if (end->partner) {
    end->partner->partner = NULL;
  }
  // A future may not be dropped before something was written; the class `FutureWriter` ensures that.
  if (!end->is_future || !end->is_writer) {
    end_release(end, END_DROPPED);
  }
  end_clear(self);
  PyObject_GC_Del(self);
}

// close(): returns the end. A future's writer sends the default first.
static PyObject *end_close(PyObject *self, PyObject *Py_UNUSED(ignored)) {
  End *end = (End *)self;
  if (end->state != END_OWNED || end->closing) { // closed, or about to be
    Py_RETURN_NONE;
  }
  if (end->busy) {
    PyErr_SetString(PyExc_RuntimeError, "an operation is running on this end: cancel it before closing the end");
    return NULL;
  }
  if (end->is_future && end->is_writer) {
    if (copy_write_default(end) < 0) {
      return NULL;
    }
  } else {
    end_release(end, END_DROPPED);
  }
  Py_RETURN_NONE;
}

static PyObject *end_read(PyObject *self, PyObject *limit) {
  Py_ssize_t count = PyLong_AsSsize_t(limit);
  return count == -1 && PyErr_Occurred() ? NULL : copy_read((End *)self, count);
}

static PyObject *end_write(PyObject *self, PyObject *value) { return copy_write((End *)self, value); }

static PyObject *end_peer_dropped(PyObject *self, void *Py_UNUSED(closure)) {
  return PyBool_FromLong(((End *)self)->peer_dropped);
}

static PyMethodDef methods[] = {
    {"read", end_read, METH_O, PyDoc_STR("read(limit): an awaitable of what arrives.")},
    {"write", end_write, METH_O, PyDoc_STR("write(value): an awaitable of how much was taken.")},
    {"close", end_close, METH_NOARGS, PyDoc_STR("close(): gives the end back; doing so again does nothing.")},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"peer_dropped", end_peer_dropped, NULL, PyDoc_STR("Whether the other end is known to be gone."), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject End_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "componentize_py_runtime.End",
    .tp_basicsize = sizeof(End),
    .tp_dealloc = end_dealloc,
    .tp_methods = methods,
    .tp_getset = properties,
    .tp_traverse = end_traverse,
    .tp_clear = end_clear,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("One end of a stream or future."),
};

static End *make(bool is_future, bool is_writer, size_t index, uint32_t handle) {
  End *end = PyObject_GC_New(End, &End_Type);
  if (!end) {
    drop_handle(is_future, is_writer, index, handle);
    return NULL;
  }
  end->is_future = is_future;
  end->is_writer = is_writer;
  end->busy = end->closing = end->peer_dropped = false;
  end->state = END_OWNED;
  live++;
  end->index = index;
  end->handle = handle;
  end->payload.element = payload_type(is_future, index);
  end->payload.layout = end->payload.element == WIT_TYPE_EMPTY ? (layout_t){0, 1} : type_layout(end->payload.element);
  end->partner = NULL;
  end->default_value = end->kept = NULL;
  PyObject_GC_Track(end);
  return end;
}

static bool carries_bytes(const End *end) {
  return end->payload.element == WIT_TYPE_U8 || end->payload.element == WIT_TYPE_S8;
}

// The object that applications see, around `end`, which it steals.
static PyObject *wrap(End *end) {
  if (!end) {
    return NULL;
  }
  PyObject *class;
  if (end->is_future) {
    class = end->is_writer ? end_classes.future_writer : end_classes.future_reader;
  } else if (carries_bytes(end)) {
    class = end->is_writer ? end_classes.byte_stream_writer : end_classes.byte_stream_reader;
  } else {
    class = end->is_writer ? end_classes.stream_writer : end_classes.stream_reader;
  }
  PyObject *object = PyObject_CallOneArg(class, (PyObject *)end);
  Py_DECREF(end);
  return object;
}

PyObject *end_new_pair(bool is_future, size_t index, PyObject *default_value) {
  uint64_t handles = is_future ? runtime.wit->futures[index].new() : runtime.wit->streams[index].new();
  End *reader = make(is_future, false, index, (uint32_t)handles);
  End *writer = make(is_future, true, index, (uint32_t)(handles >> 32));
  if (reader && writer) {
    reader->partner = writer;
    writer->partner = reader;
    writer->default_value = Py_XNewRef(default_value);
  }
  PyObject *writing = wrap(writer), *reading = wrap(reader);
  PyObject *pair = writing && reading ? PyTuple_Pack(2, writing, reading) : NULL;
  Py_XDECREF(writing);
  Py_XDECREF(reading);
  return pair;
}

// --- Crossing the boundary ---------------------------------------------------------------------------------------

PyObject *end_lift(bool is_future, size_t index, uint32_t handle) { return wrap(make(is_future, false, index, handle)); }

void end_discard(bool is_future, size_t index, uint32_t handle) { drop_handle(is_future, false, index, handle); }

static wit_type_t type_of(bool is_future, size_t index) {
  return (is_future ? WIT_TYPE_FUTURE : WIT_TYPE_STREAM) | (uint32_t)index << 8;
}

int end_lower(call_t *call, bool is_future, size_t index, PyObject *value, uint32_t *handle) {
  PyObject *found;
  if (PyObject_GetOptionalAttr(value, end_attribute, &found) < 0) {
    return -1;
  }
  End *end = (End *)found;
  bool fits = found && Py_IS_TYPE(found, &End_Type) && end->is_future == is_future && !end->is_writer &&
              types_equal(end->payload.element, payload_type(is_future, index));
  int status = -1;
  if (!fits) {
    lower_mismatch(call, type_of(is_future, index), value);
  } else if (end_check(end) == 0) {
    if (end->peer_dropped) {
      PyErr_SetString(PyExc_ValueError, "this stream was read to its end, so that there is nothing to pass on");
    } else if (end->kept) {
      PyErr_SetString(PyExc_ValueError, "items of this stream arrived for a read that was cancelled: read them before "
                                        "passing the stream on");
    } else if (call_hold(call, found) == 0) {
      *handle = end->handle;
      end->state = END_PENDING;
      status = 0;
    }
  }
  Py_XDECREF(found);
  return status;
}

void end_commit(PyObject *held) {
  if (Py_IS_TYPE(held, &End_Type) && ((End *)held)->state == END_PENDING) {
    ((End *)held)->state = END_GIVEN_AWAY;
    live--;
  }
}

void end_take_back(PyObject *held) {
  if (Py_IS_TYPE(held, &End_Type) && ((End *)held)->state == END_GIVEN_AWAY) {
    ((End *)held)->state = END_OWNED;
    live++;
  }
}

void end_let_go(PyObject *held) {
  if (Py_IS_TYPE(held, &End_Type) && ((End *)held)->state == END_PENDING) {
    ((End *)held)->state = END_OWNED; // the call did not begin
  }
}
