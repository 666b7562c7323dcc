// Resource handles.
//
// An imported resource is an instance of its generated class whose `_handle` is a `Handle`, the only place that knows
// whether the handle is still ours. Releasing the `Handle` drops the resource. An exported resource is an object of the
// application's. Its representation is the object's address, which the host's handle keeps alive.
#include "runtime.h"

#include <string.h>

static size_t live;

size_t resource_live(void) { return live; }

void handle_give_back(Handle *self) {
  live--;
  runtime.resources[self->resource].wit->drop(self->handle);
  family_leave(self);
}

static void handle_release(Handle *self, handle_state_t next) {
  if (self->state != OWNED && self->state != BORROWED) {
    return;
  }
  self->state = next;
  if (self->children > 0) {
    self->postponed = true;
  } else {
    handle_give_back(self);
  }
}

static void handle_dealloc(PyObject *self) {
  handle_release((Handle *)self, DROPPED); // children would keep it alive
  family_leave((Handle *)self);
  Py_TYPE(self)->tp_free(self);
}

PyTypeObject Handle_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "componentize_py_runtime.Handle",
    .tp_basicsize = sizeof(Handle),
    .tp_dealloc = handle_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_doc = PyDoc_STR("A handle to an imported resource."),
};

// resource_drop(object). An object whose constructor failed has no handle, and a handle is dropped once.
PyObject *resource_drop(PyObject *Py_UNUSED(module), PyObject *object) {
  PyObject *box;
  if (PyObject_GetOptionalAttr(object, runtime.handle, &box) < 0) {
    return NULL;
  }
  if (box && Py_IS_TYPE(box, &Handle_Type)) {
    Handle *handle = (Handle *)box;
    if (handle->lent > 0) {
      PyErr_Format(PyExc_ValueError, "this `%s` is lent to a call that is running",
                   runtime.resources[handle->resource].wit->name);
      Py_DECREF(box);
      return NULL;
    }
    handle_release(handle, DROPPED);
  }
  Py_XDECREF(box);
  Py_RETURN_NONE;
}

static Handle *new_handle(size_t index, uint32_t handle, handle_state_t state) {
  Handle *box = PyObject_New(Handle, &Handle_Type);
  if (box) {
    box->resource = index;
    box->handle = handle;
    box->lent = 0;
    box->state = state;
    box->postponed = false;
    box->children = 0;
    memset(box->parents, 0, sizeof box->parents);
  }
  return box;
}

// Notes that the handle ends with the export whose arguments are being lifted.
static int note_borrow(Handle *box) {
  if (!runtime.borrows && !(runtime.borrows = PyList_New(0))) {
    return -1;
  }
  return PyList_Append(runtime.borrows, (PyObject *)box);
}

// An instance of the generated class around a new `Handle`.
static PyObject *wrap(size_t index, uint32_t handle, handle_state_t state) {
  PyTypeObject *class = (PyTypeObject *)runtime.resources[index].class;
  Handle *box = new_handle(index, handle, state);
  if (!box) {
    runtime.resources[index].wit->drop(handle);
    return NULL;
  }
  live++;
  if (state == OWNED && runtime.lifting && !runtime.resources[index].error_context && family_join(runtime.lifting, box) < 0) {
    Py_DECREF(box);
    return NULL;
  }
  PyObject *none = PyTuple_New(0);
  // Not through `__init__`: that is the WIT constructor.
  PyObject *object = none ? class->tp_new(class, none, NULL) : NULL;
  Py_XDECREF(none);
  if (object && PyObject_SetAttr(object, runtime.handle, (PyObject *)box) < 0) {
    Py_CLEAR(object);
  }
  if (object && state == BORROWED && note_borrow(box) < 0) {
    Py_CLEAR(object);
  }
  Py_DECREF(box);
  return object;
}

PyObject *resource_take_borrows(void) {
  PyObject *borrows = runtime.borrows;
  runtime.borrows = NULL;
  return borrows;
}

int resource_check_lent(PyObject *borrows) {
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(borrows); i++) {
    Handle *handle = (Handle *)PyList_GET_ITEM(borrows, i);
    if (handle->lent > 0 && handle->state == BORROWED) {
      PyErr_Format(PyExc_RuntimeError, "a borrowed `%s` is still lent to a call when the function returns: await that call",
                   runtime.resources[handle->resource].wit->name);
      return -1;
    }
  }
  return 0;
}

void resource_end_borrows(PyObject *borrows) {
  if (!borrows) {
    return;
  }
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(borrows); i++) {
    handle_release((Handle *)PyList_GET_ITEM(borrows, i), ENDED);
  }
  Py_DECREF(borrows);
}

PyObject *resource_lift_own(size_t index, uint32_t handle) {
  const resource_t *resource = &runtime.resources[index];
  if (!resource->exported) {
    return wrap(index, handle, OWNED);
  }
  PyObject *object = Py_NewRef((PyObject *)resource->wit->rep(handle));
  resource->wit->drop(handle); // returns the reference that the handle held
  return object;
}

PyObject *resource_lift_borrow(size_t index, uint32_t handle) {
  // The component that implements a resource borrows its representation, not a handle.
  return runtime.resources[index].exported ? Py_NewRef((PyObject *)(uintptr_t)handle) : wrap(index, handle, BORROWED);
}

// The host has dropped its last handle. This is never a process's first entry: the handle came from an export's result.
// Python prints and forgets exceptions of `__del__`; an object in a cycle lives until the collector finds it.
EXPORTED void wit_dylib_resource_dtor(size_t ty, size_t representation) {
  (void)ty;
  Py_DECREF((PyObject *)representation);
}

static int refuse(call_t *call, size_t index, const char *why) {
  const char *name = runtime.resources[index].wit->name;
  return lower_refuse(call, PyExc_ValueError, PyUnicode_FromFormat("this `%s` %s", name, why));
}

// The `Handle` of an imported resource, as a new reference; NULL if `value` is not one or has no handle to give.
static Handle *find_handle(call_t *call, size_t index, PyObject *value, wit_type_t type) {
  const resource_t *resource = &runtime.resources[index];
  int fits = PyObject_IsInstance(value, resource->class);
  if (fits <= 0) {
    if (fits == 0) {
      lower_mismatch(call, type, value);
    }
    return NULL;
  }
  PyObject *box;
  if (PyObject_GetOptionalAttr(value, runtime.handle, &box) < 0) {
    return NULL;
  }
  static const char *const WHY[] = {[PENDING] = "is passed twice", [GIVEN_AWAY] = "was given away",
                                    [DROPPED] = "was dropped", [ENDED] = "was only borrowed for a call that has ended"};
  const char *why = NULL;
  Handle *handle = (Handle *)box;
  if (!box) {
    why = "has no handle: the `__init__` of its class was not called";
  } else if (!Py_IS_TYPE(box, &Handle_Type) || handle->resource != index) {
    why = "has a handle that is not its own";
  } else if (handle->state != OWNED && handle->state != BORROWED) {
    why = WHY[handle->state];
  }
  if (why) {
    refuse(call, index, why);
    Py_CLEAR(box);
  }
  return (Handle *)box;
}

// A new handle for the host, which holds the object.
static int lower_exported(call_t *call, size_t index, PyObject *value, uint32_t *handle) {
  const resource_t *resource = &runtime.resources[index];
  if (resource->class && (PyObject *)Py_TYPE(value) != resource->class) {
    int fits = PyObject_IsInstance(value, resource->class);
    if (fits <= 0) {
      return fits < 0 ? -1 : lower_mismatch(call, WIT_TYPE_OWN | (uint32_t)index << 8, value);
    }
  }
  Handle *box = new_handle(index, 0, DROPPED);
  if (!box) {
    return -1;
  }
  int status = call_hold(call, (PyObject *)box);
  if (status == 0) {
    *handle = box->handle = resource->wit->new ((size_t)Py_NewRef(value));
    box->state = PENDING;
  }
  Py_DECREF(box);
  return status;
}

// A handle that stays ours. `outlives` is an object that must not end before the call does.
static int lend(call_t *call, size_t index, PyObject *value, wit_type_t type, PyObject *outlives, uint32_t *handle) {
  Handle *box = find_handle(call, index, value, type);
  if (!box) {
    return -1;
  }
  *handle = box->handle;
  // The handle is released first, so that the object's finalizer finds it no longer lent.
  int status = call_hold(call, (PyObject *)box);
  box->lent += status == 0;
  status = status < 0 || !outlives ? status : call_hold(call, outlives);
  Py_DECREF(box);
  return status;
}

int resource_lower_own(call_t *call, size_t index, PyObject *value, uint32_t *handle) {
  const resource_t *resource = &runtime.resources[index];
  if (resource->exported) {
    return lower_exported(call, index, value, handle);
  }
  if (resource->error_context) {
    // Not the object: an instance of a subclass could run code when it is released, which is not allowed after the
    // call.
    return lend(call, index, value, WIT_TYPE_OWN | (uint32_t)index << 8, NULL, handle);
  }
  Handle *box = find_handle(call, index, value, WIT_TYPE_OWN | (uint32_t)index << 8);
  if (!box) {
    return -1;
  }
  int status = -1;
  if (box->state == BORROWED || box->lent > 0) {
    refuse(call, index, box->lent > 0 ? "is lent and cannot be given away" : "is only borrowed and cannot be given away");
  } else if (call_hold(call, (PyObject *)box) == 0) {
    *handle = box->handle;
    box->state = PENDING;
    status = 0;
  }
  Py_DECREF(box);
  return status;
}

int resource_lower_borrow(call_t *call, size_t index, PyObject *value, uint32_t *handle) {
  const resource_t *resource = &runtime.resources[index];
  if (resource->exported) {
    // Only parameters of imports are lent, and an import has only imported types in WIT: an interface that an import
    // uses is imported too.
    die_of_bug("an exported resource lent to an import");
  }
  // The object's finalizer would drop the handle, so both must outlive the call.
  return lend(call, index, value, WIT_TYPE_BORROW | (uint32_t)index << 8, value, handle);
}

void resource_commit(call_t *call) {
  for (size_t i = 0; i < call->held_count; i++) {
    Handle *handle = (Handle *)call->held[i];
    if (Py_IS_TYPE(call->held[i], &Handle_Type) && handle->state == PENDING) {
      handle->state = GIVEN_AWAY;
      live -= !runtime.resources[handle->resource].exported;
    }
  }
}

void resource_part(call_t *call) {
  for (size_t i = 0; i < call->held_count; i++) {
    if (Py_IS_TYPE(call->held[i], &Handle_Type)) {
      family_leave((Handle *)call->held[i]);
    }
  }
}

// Error contexts that an export returned: the host takes them after the function has ended, when nothing may be
// dropped.
static PyObject *returned;

int resource_keep_returned(call_t *call) {
  for (size_t i = 0; i < call->held_count; i++) {
    Handle *handle = (Handle *)call->held[i];
    if (!Py_IS_TYPE(call->held[i], &Handle_Type) || !runtime.resources[handle->resource].error_context) {
      continue;
    }
    if ((!returned && !(returned = PyList_New(0))) || PyList_Append(returned, call->held[i]) < 0) {
      return -1;
    }
  }
  return 0;
}

void resource_end_returned(void) { Py_CLEAR(returned); }

void resource_take_back(PyObject *held) {
  Handle *handle = (Handle *)held;
  if (!Py_IS_TYPE(held, &Handle_Type) || handle->state != GIVEN_AWAY) {
    return;
  }
  const resource_t *resource = &runtime.resources[handle->resource];
  handle->state = resource->exported ? DROPPED : OWNED;
  if (resource->exported) {
    resource->wit->drop(handle->handle);
  } else {
    live++;
  }
}

void resource_let_go(PyObject *held) {
  if (!Py_IS_TYPE(held, &Handle_Type)) {
    return;
  }
  Handle *handle = (Handle *)held;
  if (handle->state == PENDING) { // the call did not begin
    const resource_t *resource = &runtime.resources[handle->resource];
    handle->state = resource->exported ? DROPPED : OWNED;
    if (resource->exported) {
      resource->wit->drop(handle->handle);
    }
  } else if (handle->state == GIVEN_AWAY) {
    family_leave(handle);
  } else if (handle->lent > 0) {
    handle->lent--;
  }
}
