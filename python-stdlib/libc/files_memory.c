// Files in memory: the directory `/tmp` of a component whose host has none.
#include "files.h"

#include <stdlib.h>

// The charge for a node besides its content, so that empty files are not free.
#define NODE_COST 128

static memory_body_t body_of_root = {.identity = 1, .names = 1, .nodes = 1};
static memory_node_t root = {.kind = KIND_DIRECTORY, .body = &body_of_root};
static uint64_t used;
static uint64_t last_identity = 1;

memory_node_t *memory_root(void) { return &root; }

filesystem_datetime_t memory_now(void) {
  wall_clock_datetime_t now = files_build_time;
  if (!files_archive()->is_alone) {
    wall_clock_now(&now);
  }
  return now;
}

static bool take(uint64_t bytes) {
  if (bytes > files_archive()->memory_limit - used) {
    return false;
  }
  used += bytes;
  return true;
}

static slice_t name_of(const memory_node_t *node) { return (slice_t){node->name, strlen(node->name)}; }

static size_t place_of(const memory_node_t *directory, slice_t name) {
  size_t low = 0, high = directory->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (slice_order(name_of(directory->entries[middle]), name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static bool enter(memory_node_t *directory, memory_node_t *node) {
  if (directory->count == directory->capacity) {
    size_t capacity = directory->capacity ? 2 * directory->capacity : 4;
    memory_node_t **entries = realloc(directory->entries, capacity * sizeof *entries);
    if (!entries) {
      return false;
    }
    directory->entries = entries;
    directory->capacity = capacity;
  }
  size_t place = place_of(directory, name_of(node));
  memmove(&directory->entries[place + 1], &directory->entries[place],
          (directory->count - place) * sizeof *directory->entries);
  directory->entries[place] = node;
  directory->count++;
  node->parent = directory;
  node->body->names++;
  directory->body->modified = memory_now();
  return true;
}

static void leave(memory_node_t *node) {
  memory_node_t *directory = node->parent;
  size_t place = place_of(directory, name_of(node));
  while (directory->entries[place] != node) {
    place++;
  }
  directory->count--;
  memmove(&directory->entries[place], &directory->entries[place + 1],
          (directory->count - place) * sizeof *directory->entries);
  node->parent = NULL;
  node->body->names--;
  directory->body->modified = memory_now();
}

static void free_body(memory_body_t *body) {
  if (--body->nodes == 0) {
    used -= body->allocated;
    free(body->bytes);
    free(body);
  }
}

static void free_node(memory_node_t *node) {
  used -= NODE_COST;
  free_body(node->body);
  free(node->entries);
  free(node->name);
  free(node);
}

// Frees a node that nothing refers to any more.
static void free_if_unused(memory_node_t *node) {
  if (!node->parent && !node->users && node != &root) {
    free_node(node);
  }
}

// Whether the node is unlinked, and only descriptors refer to it.
static bool is_detached(const memory_node_t *node) { return node != &root && !node->parent; }

// Enters a new node for a body, which counts it.
static error_t create(node_t directory, slice_t name, kind_t kind, memory_body_t *body, memory_node_t **created) {
  if (!directory.memory) {
    return ERROR(READ_ONLY);
  }
  if (is_detached(directory.memory)) {
    return ERROR(NO_ENTRY);
  }
  if (name.length > 255) {
    return ERROR(NAME_TOO_LONG);
  }
  if (!take(NODE_COST)) {
    return ERROR(INSUFFICIENT_SPACE);
  }
  memory_node_t *node = calloc(1, sizeof *node);
  char *copy = strndup(name.bytes, name.length);
  if (node) {
    *node = (memory_node_t){.kind = kind, .name = copy, .body = body};
  }
  if (!node || !copy || !enter(directory.memory, node)) {
    used -= NODE_COST;
    free(node);
    free(copy);
    return ERROR(INSUFFICIENT_MEMORY);
  }
  body->nodes++;
  *created = node;
  return SUCCESS;
}

error_t memory_create(node_t directory, slice_t name, kind_t kind, memory_node_t **created) {
  memory_body_t *body = calloc(1, sizeof *body);
  if (!body) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  body->accessed = body->modified = memory_now();
  error_t error = create(directory, name, kind, body, created);
  if (error == SUCCESS) {
    body->identity = ++last_identity;
  } else {
    free(body);
  }
  return error;
}

error_t memory_link(memory_node_t *node, node_t directory, slice_t name) {
  if (node->kind == KIND_DIRECTORY) {
    return ERROR(NOT_PERMITTED);
  }
  memory_node_t *created;
  return create(directory, name, node->kind, node->body, &created);
}

error_t memory_remove(memory_node_t *node) {
  if (node == &root) {
    return ERROR(BUSY);
  }
  if (is_detached(node)) {
    return ERROR(NO_ENTRY);
  }
  if (node->count) {
    return ERROR(NOT_EMPTY);
  }
  leave(node);
  free_if_unused(node);
  return SUCCESS;
}

static bool contains(const memory_node_t *directory, const memory_node_t *node) {
  while (node && node != directory) {
    node = node->parent;
  }
  return node;
}

error_t memory_rename(memory_node_t *node, node_t directory, slice_t name, node_t replaced) {
  if (node == &root) {
    return ERROR(BUSY);
  }
  if (!directory.memory) {
    return ERROR(CROSS_DEVICE);
  }
  if (is_detached(node) || is_detached(directory.memory)) {
    return ERROR(NO_ENTRY);
  }
  // Two names of one file both stay.
  if (replaced.memory && replaced.memory->body == node->body) {
    return SUCCESS;
  }
  if (contains(node, directory.memory)) {
    return ERROR(INVALID);
  }
  if (name.length > 255) {
    return ERROR(NAME_TOO_LONG);
  }
  if (replaced.memory && replaced.memory->kind == KIND_DIRECTORY && node->kind != KIND_DIRECTORY) {
    return ERROR(IS_DIRECTORY);
  }
  if (replaced.memory && replaced.memory->kind != KIND_DIRECTORY && node->kind == KIND_DIRECTORY) {
    return ERROR(NOT_DIRECTORY);
  }
  char *copy = strndup(name.bytes, name.length);
  if (!copy) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  error_t error = replaced.memory ? memory_remove(replaced.memory) : SUCCESS;
  if (error != SUCCESS) {
    free(copy);
    return error;
  }
  memory_node_t *before = node->parent;
  char *old = node->name;
  leave(node);
  node->name = copy;
  if (!enter(directory.memory, node)) {
    node->name = old;
    free(copy);
    // There is room: it has just left.
    enter(before, node);
    return ERROR(INSUFFICIENT_MEMORY);
  }
  free(old);
  return SUCCESS;
}

static error_t reserve(memory_body_t *body, uint64_t size) {
  if (size <= body->allocated) {
    return SUCCESS;
  }
  uint64_t allocated = body->allocated * 3 / 2;
  allocated = allocated < size ? size : allocated;
  if (allocated > files_archive()->memory_limit - used + body->allocated) {
    allocated = size;
  }
  if (allocated > SIZE_MAX / 2 || !take(allocated - body->allocated)) {
    return ERROR(INSUFFICIENT_SPACE);
  }
  uint8_t *bytes = realloc(body->bytes, (size_t)allocated);
  if (!bytes) {
    used -= allocated - body->allocated;
    return ERROR(INSUFFICIENT_SPACE);
  }
  body->bytes = bytes;
  body->allocated = (size_t)allocated;
  return SUCCESS;
}

// Frees what a file that has become smaller does not need.
static void give_back(memory_body_t *body) {
  size_t size = (size_t)body->size;
  if (size == 0) {
    free(body->bytes);
    body->bytes = NULL;
  } else if (size < body->allocated / 2) {
    uint8_t *bytes = realloc(body->bytes, size);
    if (!bytes) {
      return;
    }
    body->bytes = bytes;
  } else {
    return;
  }
  used -= body->allocated - size;
  body->allocated = size;
}

error_t memory_resize(memory_node_t *node, uint64_t size) {
  memory_body_t *body = node->body;
  error_t error = reserve(body, size);
  if (error != SUCCESS) {
    return error;
  }
  if (size > body->size) {
    memset(body->bytes + body->size, 0, (size_t)(size - body->size));
  }
  body->size = size;
  give_back(body);
  body->modified = memory_now();
  return SUCCESS;
}

error_t memory_write(memory_node_t *node, uint64_t offset, const uint8_t *bytes, size_t length) {
  if (offset > INT64_MAX - length) {
    return ERROR(FILE_TOO_LARGE);
  }
  if (length && offset + length > node->body->size) {
    error_t error = memory_resize(node, offset + length);
    if (error != SUCCESS) {
      return error;
    }
  }
  if (length) {
    memcpy(node->body->bytes + offset, bytes, length);
    node->body->modified = memory_now();
  }
  return SUCCESS;
}

void memory_release(memory_node_t *node) {
  node->users--;
  free_if_unused(node);
}
