// Handles that must be dropped before others: a host may let a resource have children (the body of a request, the
// stream of a body, the pollable of a stream), and traps when it is dropped before them. Python releases objects in any
// order.
//
// Only the host knows which resource is whose child. But a child can come from two places only: from a call that
// borrowed its parent, or beside its parent in a result that begins with the parent, as `accept` returns a socket and
// its streams. So a handle from there keeps such handles alive, and a parent that is released earlier is dropped with
// its last child.
//
// Types say which resources cannot be parents: if handles of A come from B, and also B from A, neither is a parent.
// Otherwise a chain of calls (`node.next()`, `copy()`) would keep all its handles alive for ever.
#include "runtime.h"

#include <string.h>

// --- At load time: what the types say ------------------------------------------------------------------------------

// Calls `note` for each imported resource of which the type contains owned handles.
static void each_owned(wit_type_t type, void (*note)(size_t resource, void *context), void *context) {
  size_t index = WIT_TYPE_INDEX(type);
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_OWN:
    if (!runtime.resources[index].exported && !runtime.resources[index].error_context) {
      note(index, context);
    }
    break;
  case WIT_TYPE_LIST:
    each_owned(runtime.lists[index].element, note, context);
    break;
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE: {
    const product_t *product = type_product(type);
    for (size_t i = 0; i < product->count; i++) {
      each_owned(product->fields[i].type, note, context);
    }
    break;
  }
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT: {
    const sum_t *sum = type_sum(type);
    for (size_t i = 0; i < sum->count; i++) {
      each_owned(sum->cases[i].type, note, context);
    }
    break;
  }
  default:
    break;
  }
}

static void note_any(size_t resource, void *context) {
  (void)resource;
  *(bool *)context = true;
}

static bool has_owned(wit_type_t type) {
  bool found = false;
  each_owned(type, note_any, &found);
  return found;
}

static void note_parent(size_t resource, void *context) {
  size_t parent = *(const size_t *)context;
  resource_t *child = &runtime.resources[resource];
  if (!child->parents && !(child->parents = PyMem_Calloc(runtime.wit->num_resources, sizeof(bool)))) {
    die_of_bug("out of memory while building");
  }
  child->parents[parent] = true;
}

// The successful result of a function: the product that begins with an owned handle, or NULL.
static const product_t *headed(wit_type_t type) {
  while (WIT_TYPE_KIND(type) == WIT_TYPE_RESULT || WIT_TYPE_KIND(type) == WIT_TYPE_OPTION) {
    type = type_sum(type)->cases[WIT_TYPE_KIND(type) == WIT_TYPE_OPTION].type;
  }
  if (WIT_TYPE_KIND(type) != WIT_TYPE_RECORD && WIT_TYPE_KIND(type) != WIT_TYPE_TUPLE) {
    return NULL;
  }
  const product_t *product = type_product(type);
  bool begins = product->count > 1 && !product->items && WIT_TYPE_KIND(product->fields[0].type) == WIT_TYPE_OWN;
  const resource_t *first = begins ? &runtime.resources[WIT_TYPE_INDEX(product->fields[0].type)] : NULL;
  return first && !first->exported && !first->error_context ? product : NULL;
}

static void read_import(import_t *import) {
  import->gives_handles = has_owned(import->result);
  if (!import->gives_handles) {
    return;
  }
  for (size_t i = 0; i < import->wit->nparams; i++) {
    size_t parent = WIT_TYPE_INDEX(import->types[i]);
    if (WIT_TYPE_KIND(import->types[i]) == WIT_TYPE_BORROW && !runtime.resources[parent].exported) {
      each_owned(import->result, note_parent, &parent);
    }
  }
  const product_t *product = headed(import->result);
  import->headed = product != NULL;
  for (size_t i = 1; product && i < product->count; i++) {
    size_t parent = WIT_TYPE_INDEX(product->fields[0].type);
    each_owned(product->fields[i].type, note_parent, &parent);
  }
}

// Returns true if a handle of `child` may have one of `ancestor` above it, over any number of parents.
static bool descends(size_t child, size_t ancestor, bool *seen) {
  const bool *parents = runtime.resources[child].parents;
  if (!parents || seen[child]) {
    return false;
  }
  seen[child] = true;
  for (size_t i = 0; i < runtime.wit->num_resources; i++) {
    if (parents[i] && (i == ancestor || descends(i, ancestor, seen))) {
      return true;
    }
  }
  return false;
}

// Resources whose handles come from each other are nobody's parents. All are found before any is removed.
static void break_circles(void) {
  size_t count = runtime.wit->num_resources;
  bool *in_circle = PyMem_Calloc(count * count + 1, sizeof(bool)), *seen = PyMem_Calloc(count + 1, sizeof(bool));
  if (!in_circle || !seen) {
    die_of_bug("out of memory while building");
  }
  for (size_t child = 0; child < count; child++) {
    for (size_t parent = 0; runtime.resources[child].parents && parent < count; parent++) {
      memset(seen, 0, count);
      in_circle[child * count + parent] =
          runtime.resources[child].parents[parent] && (child == parent || descends(parent, child, seen));
    }
  }
  for (size_t i = 0; i < count * count; i++) {
    if (in_circle[i]) {
      runtime.resources[i / count].parents[i % count] = false;
    }
  }
  PyMem_Free(seen);
  PyMem_Free(in_circle);
}

void family_load(void) {
  for (size_t i = 0; i < runtime.wit->num_import_funcs; i++) {
    read_import(&runtime.imports[i]);
  }
  break_circles();
}

// --- At run time ---------------------------------------------------------------------------------------------------

static void add_parent(call_t *call, PyObject *handle) {
  if (call->parent_count < MOST_PARENTS) {
    call->parents[call->parent_count++] = handle;
  }
}

void family_lent(call_t *call) {
  add_parent(call, call->held[call->held_count - 2]); // `resource_lower_borrow` holds the handle, then its object
}

// Handles that the host lends end with the guest's call, whatever happened to them there.
static bool may_be_parent(const Handle *parent, const Handle *child) {
  const bool *parents = runtime.resources[child->resource].parents;
  return parents && parents[parent->resource] && parent->state == OWNED;
}

int family_join(call_t *call, Handle *child) {
  for (size_t i = 0; i < call->parent_count; i++) {
    Handle *parent = (Handle *)call->parents[i];
    if (may_be_parent(parent, child)) {
      child->parents[i] = (Handle *)Py_NewRef((PyObject *)parent);
      parent->children++;
    }
  }
  if (!call->head_awaited) {
    return 0;
  }
  call->head_awaited = false;
  if (call_hold(call, (PyObject *)child) < 0) {
    return -1;
  }
  add_parent(call, (PyObject *)child);
  return 0;
}

void family_leave(Handle *child) {
  for (size_t i = 0; i < MOST_PARENTS; i++) {
    Handle *parent = child->parents[i];
    if (!parent) {
      continue;
    }
    child->parents[i] = NULL;
    parent->children--;
    if (parent->children == 0 && parent->postponed) {
      parent->postponed = false;
      handle_give_back(parent);
    }
    Py_DECREF(parent);
  }
}
