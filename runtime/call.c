// One call across the boundary: the stack of lifted values, the tape of lowered values, and the objects that they
// borrow.
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

// A call's chunks grow up to this size, and beyond it only for larger values.
#define CHUNK_BYTES ((size_t)1 << 16)

// See `call_live`.
static size_t live_lifted, live_lowered;

void call_begin(call_t *call) {
  call->stack = call->inline_stack;
  call->depth = 0;
  call->stack_capacity = INLINE_STACK;
  call->failed = false;
  call->tape = call->inline_tape;
  call->written = call->read = 0;
  call->tape_capacity = INLINE_SLOTS;
  call->held = NULL;
  call->held_count = call->held_capacity = 0;
  call->chunks = NULL;
  call->error_class = call->error = NULL;
  call->parent_count = 0;
  call->head_awaited = false;
  call->in_use = true;
}

void call_end(call_t *call) {
  while (call->depth > 0) {
    Py_DECREF(call->stack[--call->depth]);
  }
  if (call->stack != call->inline_stack) {
    PyMem_Free(call->stack);
  }
  if (call->tape != call->inline_tape) {
    PyMem_Free(call->tape);
  }
  for (size_t i = 0; i < call->held_count; i++) {
    PyObject *held = call->held[i];
    if (!PyUnicode_CheckExact(held) && !PyBytes_CheckExact(held)) { // most are only held for their bytes
      resource_let_go(held);
      if (runtime.async) {
        runtime.async->let_go(held);
      }
    }
  }
  // Finalizers may run from here on, and use objects that the call had.
  for (size_t i = 0; i < call->held_count; i++) {
    Py_DECREF(call->held[i]);
  }
  if (call->held) {
    PyMem_Free(call->held);
  }
  while (call->chunks) {
    chunk_t *next = call->chunks->next;
    live_lowered -= call->chunks->size;
    free(call->chunks);
    call->chunks = next;
  }
  Py_CLEAR(call->error);
  call->in_use = false;
}

void call_commit(call_t *call) {
  resource_commit(call);
  for (size_t i = 0; runtime.async && i < call->held_count; i++) {
    runtime.async->commit(call, call->held[i]);
  }
}

// Moves an array that may start out inline to one of twice the capacity.
static int grow(void **items, size_t *capacity, size_t item_size, const void *inline_items) {
  size_t wanted = *capacity ? *capacity * 2 : 16;
  bool is_inline = *items == inline_items;
  void *larger = PyMem_Realloc(is_inline ? NULL : *items, wanted * item_size);
  if (!larger) {
    PyErr_NoMemory();
    return -1;
  }
  if (is_inline && *items) {
    memcpy(larger, *items, *capacity * item_size);
  }
  *items = larger;
  *capacity = wanted;
  return 0;
}

void call_push(call_t *call, PyObject *value) {
  if (!value) {
    // The glue continues to push. A placeholder keeps its count right until the failure is checked.
    call->failed = true;
    value = Py_NewRef(Py_None);
  }
  if (call->depth == call->stack_capacity &&
      grow((void **)&call->stack, &call->stack_capacity, sizeof(PyObject *), call->inline_stack) < 0) {
    die_of_exception();
  }
  call->stack[call->depth++] = value;
}

PyObject *call_pop(call_t *call) {
  if (call->depth == 0) {
    die_of_bug("the glue popped more values than it pushed");
  }
  return call->stack[--call->depth];
}

int call_write(call_t *call, uint64_t slot) {
  if (call->written == call->tape_capacity &&
      grow((void **)&call->tape, &call->tape_capacity, sizeof(uint64_t), call->inline_tape) < 0) {
    return -1;
  }
  call->tape[call->written++] = slot;
  return 0;
}

int call_hold(call_t *call, PyObject *object) {
  if (call->held_count == call->held_capacity &&
      grow((void **)&call->held, &call->held_capacity, sizeof(PyObject *), NULL) < 0) {
    return -1;
  }
  call->held[call->held_count++] = Py_NewRef(object);
  return 0;
}

// A chunk of at least `size` bytes. Small chunks have room for more, since lists of lists allocate memory for each.
static chunk_t *new_chunk(call_t *call, size_t size) {
  size_t last = call->chunks ? call->chunks->size : 0;
  size_t wanted = last < CHUNK_BYTES / 2 ? last * 2 : CHUNK_BYTES;
  size_t room = size > wanted ? size : wanted;
  chunk_t *chunk = malloc(sizeof(chunk_t) + room);
  if (!chunk) {
    PyErr_NoMemory();
    return NULL;
  }
  *chunk = (chunk_t){call->chunks, room, 0};
  call->chunks = chunk;
  live_lowered += room;
  return chunk;
}

void *call_alloc(call_t *call, size_t size) {
  if (size > SIZE_MAX / 2) {
    PyErr_NoMemory();
    return NULL;
  }
  // The largest alignment in the canonical ABI, also for lists without items.
  size_t taken = (size + 7) & ~(size_t)7;
  chunk_t *chunk = call->chunks;
  if ((!chunk || taken > chunk->size - chunk->used) && !(chunk = new_chunk(call, taken))) {
    return NULL;
  }
  uint8_t *result = chunk->bytes + chunk->used;
  chunk->used += taken;
  return result;
}

// --- Memory that the host and the glue ask for -------------------------------------------------------------------

// libc's own imports allocate memory here as well, and free it themselves. They are called while code of the guest
// runs; our values arrive while none does. Allocations before there are exports belong to the build.
static bool counts(void) { return runtime.exports && !runtime.running && !runtime.building; }

void call_live(size_t *lifted, size_t *lowered) {
  *lifted = live_lifted;
  *lowered = live_lowered;
}

EXPORTED void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  void *result = (void *)align;
  if (size > 0) {
    result = realloc(old_size > 0 ? old : NULL, size);
    if (!result) {
      die_of_bug("out of memory while receiving a value from the host");
    }
  } else if (old_size > 0) {
    free(old);
  }
  if (counts()) {
    live_lifted += size - old_size;
  }
  return result;
}

void call_free_lifted(void *bytes, size_t size) {
  if (size > 0) {
    free(bytes);
    live_lifted -= size;
  }
}

void call_keep_lifted(size_t size) { live_lifted -= size; }

EXPORTED void wit_dylib_dealloc_bytes(void *cx, void *pointer, size_t size, size_t align, bool defer) {
  (void)cx;
  (void)align;
  // Lists are lowered into memory of the call, so the glue has nothing to free later.
  if (!defer) {
    call_free_lifted(pointer, size);
  }
}
