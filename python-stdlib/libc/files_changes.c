// The functions of `wasi:filesystem/types` that change what is at a path.
#include "files_find.h"

HOST(filesystem_method_descriptor_create_directory_at);
HOST(filesystem_method_descriptor_link_at);
HOST(filesystem_method_descriptor_remove_directory_at);
HOST(filesystem_method_descriptor_rename_at);
HOST(filesystem_method_descriptor_set_times_at);
HOST(filesystem_method_descriptor_stat_at);
HOST(filesystem_method_descriptor_symlink_at);
HOST(filesystem_method_descriptor_unlink_file_at);

// --- One path --------------------------------------------------------------------------------------------------------

// Why nothing of this kind can be made at a path.
static error_t refusal(const place_t *place, kind_t kind, error_t of_host) {
  if (is_node(place->walk.found)) {
    return ERROR(EXIST);
  }
  if (!is_node(place->walk.parent)) {
    return place_error(place, of_host);
  }
  if (place->walk.wants_directory && kind != KIND_DIRECTORY) {
    return ERROR(NO_ENTRY);
  }
  // The host's refusal tells more than that ours can never be written to.
  bool is_telling = place->on_host && !place->walk.parent.memory && of_host != ERROR(NO_ENTRY);
  return is_telling ? of_host : SUCCESS;
}

bool filesystem_method_descriptor_create_directory_at(descriptor_t self, wasip2_string_t *path,
                                                      filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_create_directory_at(self, path, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_create_directory_at(place.host, &place.below, err));
  memory_node_t *created;
  error = refusal(&place, KIND_DIRECTORY, error);
  RETURN(error == SUCCESS ? memory_create(place.walk.parent, place.walk.name, KIND_DIRECTORY, &created) : error);
}

bool filesystem_method_descriptor_symlink_at(descriptor_t self, wasip2_string_t *target, wasip2_string_t *path,
                                             filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_symlink_at(self, target, path, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_symlink_at(place.host, target, &place.below, err));
  error = refusal(&place, KIND_LINK, error);
  memory_node_t *created;
  if (error == SUCCESS) {
    error = memory_create(place.walk.parent, place.walk.name, KIND_LINK, &created);
  }
  if (error == SUCCESS) {
    error = memory_write(created, 0, target->ptr, target->len);
    if (error != SUCCESS) {
      memory_remove(created);
    }
  }
  RETURN(error);
}

// Whether a directory is named from within. Whoever removes or moves it must use its name.
static bool ends_in_dot(const wasip2_string_t *path) {
  size_t length = path->len;
  while (length && path->ptr[length - 1] == '/') {
    length--;
  }
  return length && path->ptr[length - 1] == '.' && (length == 1 || path->ptr[length - 2] == '/');
}

// Removes a node, which must or must not be a directory.
static error_t remove_node(node_t node, bool is_directory) {
  if (is_directory != (node_kind(node) == KIND_DIRECTORY)) {
    return is_directory ? ERROR(NOT_DIRECTORY) : ERROR(IS_DIRECTORY);
  }
  return node.memory ? memory_remove(node.memory) : ERROR(READ_ONLY);
}

bool filesystem_method_descriptor_unlink_file_at(descriptor_t self, wasip2_string_t *path,
                                                 filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_unlink_file_at(self, path, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_unlink_file_at(place.host, &place.below, err));
  RETURN(is_node(place.walk.found) ? remove_node(place.walk.found, false) : place_error(&place, error));
}

bool filesystem_method_descriptor_remove_directory_at(descriptor_t self, wasip2_string_t *path,
                                                      filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_remove_directory_at(self, path, err);
  }
  if (ends_in_dot(path)) {
    return told(ERROR(INVALID), err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_remove_directory_at(place.host, &place.below, err));
  RETURN(is_node(place.walk.found) ? remove_node(place.walk.found, true) : place_error(&place, error));
}

bool filesystem_method_descriptor_set_times_at(descriptor_t self, filesystem_path_flags_t flags, wasip2_string_t *path,
                                               filesystem_new_timestamp_t *accessed,
                                               filesystem_new_timestamp_t *modified, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_set_times_at(self, flags, path, accessed, modified, err);
  }
  FIND(self, path, follows(flags),
       host_filesystem_method_descriptor_set_times_at(place.host, flags, &place.below, accessed, modified, err));
  if (!is_node(place.walk.found)) {
    RETURN(place_error(&place, error));
  }
  RETURN(node_set_times(place.walk.found, accessed, modified));
}

// --- Two paths -------------------------------------------------------------------------------------------------------

// A pair of paths, of which either descriptor may be the host's.
typedef struct pair {
  place_t old, new;
  bool on_host; // both
} pair_t;

static error_t pair_find(descriptor_t from, bool follow, wasip2_string_t *old, descriptor_t to, wasip2_string_t *new,
                         pair_t *pair) {
  *pair = (pair_t){.old = {.walk = {.found = NOTHING, .parent = NOTHING}},
                   .new = {.walk = {.found = NOTHING, .parent = NOTHING}}};
  error_t error = SUCCESS;
  if (is_ours(from.__handle)) {
    error = place_find(from, old, follow, &pair->old);
  } else {
    pair->old.on_host = true;
    pair->old.host = from;
    pair->old.below = *old;
  }
  if (error == SUCCESS && is_ours(to.__handle)) {
    error = place_find(to, new, false, &pair->new);
  } else if (error == SUCCESS) {
    pair->new.on_host = true;
    pair->new.host = to;
    pair->new.below = *new;
  }
  pair->on_host = pair->old.on_host && pair->new.on_host;
  return error;
}

static error_t pair_free(pair_t *pair, error_t error) {
  place_free(&pair->old);
  place_free(&pair->new);
  return error;
}

static bool is_on_host(place_t *place) {
  filesystem_descriptor_stat_t ignored;
  filesystem_error_code_t error;
  return place->on_host && host_filesystem_method_descriptor_stat_at(place->host, 0, &place->below, &ignored, &error);
}

static error_t rename_ours(pair_t *pair, error_t of_host) {
  node_t old = pair->old.walk.found, replaced = pair->new.walk.found;
  if (!is_node(old)) {
    return is_on_host(&pair->old) ? ERROR(CROSS_DEVICE) : place_error(&pair->old, of_host);
  }
  if (!old.memory) {
    return ERROR(READ_ONLY);
  }
  node_t directory = is_node(replaced) ? node_parent(replaced) : pair->new.walk.parent;
  if (!is_node(directory)) {
    return pair->new.on_host ? ERROR(CROSS_DEVICE) : place_error(&pair->new, of_host);
  }
  if (pair->new.walk.wants_directory && old.memory->kind != KIND_DIRECTORY) {
    return ERROR(NOT_DIRECTORY);
  }
  slice_t name = is_node(replaced) ? node_name(replaced) : pair->new.walk.name;
  return memory_rename(old.memory, directory, name, replaced);
}

bool filesystem_method_descriptor_rename_at(descriptor_t self, wasip2_string_t *old, descriptor_t to,
                                            wasip2_string_t *new, filesystem_error_code_t *err) {
  if (ends_in_dot(old) || ends_in_dot(new)) {
    return told(ERROR(INVALID), err);
  }
  pair_t pair;
  error_t error = pair_find(self, false, old, to, new, &pair);
  if (error == SUCCESS) {
    error = ERROR(NO_ENTRY);
    if (pair.on_host) {
      bool done = host_filesystem_method_descriptor_rename_at(pair.old.host, &pair.old.below, pair.new.host,
                                                              &pair.new.below, err);
      error = done ? SUCCESS : *err;
    }
    if (is_missing(error)) {
      error = rename_ours(&pair, error);
    }
  }
  return told(pair_free(&pair, error), err);
}

// The errors come in Linux's order.
static error_t link_ours(pair_t *pair, error_t of_host) {
  node_t old = pair->old.walk.found, directory = pair->new.walk.parent;
  bool is_old_on_host = !is_node(old) && is_on_host(&pair->old);
  if (!is_node(old) && !is_old_on_host) {
    return place_error(&pair->old, of_host);
  }
  if (is_node(pair->new.walk.found) || is_on_host(&pair->new)) {
    return ERROR(EXIST);
  }
  if (!is_node(directory)) {
    return pair->new.on_host ? ERROR(CROSS_DEVICE) : place_error(&pair->new, of_host);
  }
  if (pair->new.walk.wants_directory) {
    return ERROR(NO_ENTRY);
  }
  if (!directory.memory && !pair->new.on_host) {
    return ERROR(READ_ONLY);
  }
  return old.memory && directory.memory ? memory_link(old.memory, directory, pair->new.walk.name) : ERROR(CROSS_DEVICE);
}

bool filesystem_method_descriptor_link_at(descriptor_t self, filesystem_path_flags_t flags, wasip2_string_t *old,
                                          descriptor_t to, wasip2_string_t *new, filesystem_error_code_t *err) {
  pair_t pair;
  error_t error = pair_find(self, follows(flags), old, to, new, &pair);
  if (error == SUCCESS) {
    error = ERROR(NO_ENTRY);
    if (pair.on_host) {
      bool done = host_filesystem_method_descriptor_link_at(pair.old.host, flags, &pair.old.below, pair.new.host,
                                                            &pair.new.below, err);
      error = done ? SUCCESS : *err;
    }
    if (is_missing(error)) {
      error = link_ours(&pair, error);
    }
  }
  return told(pair_free(&pair, error), err);
}
