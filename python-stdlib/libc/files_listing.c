// The entries of a directory: those of the host's and those of our trees.
#include "files.h"

#include <stdlib.h>
#include <string.h>

HOST(filesystem_descriptor_drop_own);
HOST(filesystem_directory_entry_stream_drop_own);
HOST(filesystem_method_descriptor_read_directory);
HOST(filesystem_method_directory_entry_stream_read_directory_entry);

typedef struct entry {
  filesystem_descriptor_type_t type;
  uint32_t rank; // of entries with the same name, the first one counts
  char *name;
} entry_t;

typedef struct listing {
  entry_t *entries;
  size_t count, capacity, next;
} listing_t;

static bool list_entry(listing_t *listing, slice_t name, filesystem_descriptor_type_t type) {
  if (listing->count == listing->capacity) {
    size_t capacity = listing->capacity ? 2 * listing->capacity : 16;
    entry_t *entries = realloc(listing->entries, capacity * sizeof *entries);
    if (!entries) {
      return false;
    }
    listing->entries = entries;
    listing->capacity = capacity;
  }
  char *copy = strndup(name.bytes, name.length);
  if (copy) {
    listing->entries[listing->count] = (entry_t){type, (uint32_t)listing->count, copy};
    listing->count++;
  }
  return copy;
}

static error_t list_stream(filesystem_borrow_directory_entry_stream_t stream, listing_t *listing) {
  while (true) {
    filesystem_option_directory_entry_t entry;
    filesystem_error_code_t error;
    if (!host_filesystem_method_directory_entry_stream_read_directory_entry(stream, &entry, &error)) {
      return error;
    }
    if (!entry.is_some) {
      return SUCCESS;
    }
    slice_t name = {(const char *)entry.val.name.ptr, entry.val.name.len};
    bool is_listed = list_entry(listing, name, entry.val.type);
    wasip2_string_free(&entry.val.name);
    if (!is_listed) {
      return ERROR(INSUFFICIENT_MEMORY);
    }
  }
}

static error_t list_host(const opened_t *directory, listing_t *listing) {
  wasip2_string_t itself = {(uint8_t *)".", 1};
  place_t place;
  error_t error = place_find((descriptor_t){to_handle(directory)}, &itself, true, &place);
  filesystem_own_descriptor_t opened;
  filesystem_own_directory_entry_stream_t stream;
  if (error != SUCCESS) {
    return error;
  }
  bool is_open =
      place.on_host && filesystem_method_descriptor_open_at(place.host, FILESYSTEM_PATH_FLAGS_SYMLINK_FOLLOW,
                                                            &place.below, FILESYSTEM_OPEN_FLAGS_DIRECTORY,
                                                            FILESYSTEM_DESCRIPTOR_FLAGS_READ, &opened, &error);
  bool is_on_host = place.on_host;
  place_free(&place);
  if (!is_open) {
    return is_on_host && error != ERROR(NO_ENTRY) && error != ERROR(NOT_DIRECTORY) ? error : SUCCESS;
  }
  if (host_filesystem_method_descriptor_read_directory(filesystem_borrow_descriptor(opened), &stream, &error)) {
    error = list_stream(filesystem_borrow_directory_entry_stream(stream), listing);
    host_filesystem_directory_entry_stream_drop_own(stream);
  }
  host_filesystem_descriptor_drop_own(opened);
  return error;
}

static error_t list_ours(const opened_t *directory, listing_t *listing) {
  bool more = true;
  for (size_t i = 0; more; i++) {
    slice_t name;
    if (mounts_below(directory->path, i, &name, &more) &&
        !list_entry(listing, name, FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY)) {
      return ERROR(INSUFFICIENT_MEMORY);
    }
  }
  size_t count = is_node(directory->node) ? node_count(directory->node) : 0;
  for (size_t i = 0; i < count; i++) {
    node_t node = node_entry(directory->node, i);
    if (!list_entry(listing, node_name(node), node_stat(node).type)) {
      return ERROR(INSUFFICIENT_MEMORY);
    }
  }
  return SUCCESS;
}

static int by_name(const void *a, const void *b) {
  const entry_t *one = a, *other = b;
  int order = strcmp(one->name, other->name);
  return order ? order : (one->rank > other->rank) - (one->rank < other->rank);
}

static void free_listing(listing_t *listing) {
  for (size_t i = 0; i < listing->count; i++) {
    free(listing->entries[i].name);
  }
  free(listing->entries);
  free(listing);
}

bool filesystem_method_descriptor_read_directory(descriptor_t self, filesystem_own_directory_entry_stream_t *ret,
                                                 filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_read_directory(self, ret, err);
  }
  const opened_t *directory = of_handle(self.__handle);
  if (!directory->path) {
    return told(ERROR(NOT_DIRECTORY), err);
  }
  listing_t *listing = calloc(1, sizeof *listing);
  error_t error = listing ? list_host(directory, listing) : ERROR(INSUFFICIENT_MEMORY);
  error = error == SUCCESS ? list_ours(directory, listing) : error;
  if (error != SUCCESS) {
    if (listing) {
      free_listing(listing);
    }
    return told(error, err);
  }
  qsort(listing->entries, listing->count, sizeof *listing->entries, by_name);
  ret->__handle = to_handle(listing);
  return true;
}

bool filesystem_method_directory_entry_stream_read_directory_entry(filesystem_borrow_directory_entry_stream_t self,
                                                                   filesystem_option_directory_entry_t *ret,
                                                                   filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_directory_entry_stream_read_directory_entry(self, ret, err);
  }
  listing_t *listing = of_handle(self.__handle);
  size_t next = listing->next;
  while (next && next < listing->count && !strcmp(listing->entries[next].name, listing->entries[next - 1].name)) {
    next++;
  }
  ret->is_some = next < listing->count;
  if (ret->is_some) {
    const entry_t *entry = &listing->entries[next];
    size_t length = strlen(entry->name);
    ret->val.type = entry->type;
    ret->val.name = (wasip2_string_t){(uint8_t *)strdup(entry->name), length};
    if (!ret->val.name.ptr) {
      return told(ERROR(INSUFFICIENT_MEMORY), err);
    }
  }
  listing->next = next + 1;
  return true;
}

void filesystem_directory_entry_stream_drop_own(filesystem_own_directory_entry_stream_t handle) {
  if (is_ours(handle.__handle)) {
    free_listing(of_handle(handle.__handle));
  } else {
    host_filesystem_directory_entry_stream_drop_own(handle);
  }
}
