// The functions of `wasi:filesystem/types` that take a path. The host's directories come first; our trees have what
// they lack.
#include "files.h"

#include <stdlib.h>
#include <string.h>

#define HOST(function) extern __typeof__(function) host_##function
HOST(filesystem_descriptor_drop_own);
HOST(filesystem_method_descriptor_create_directory_at);
HOST(filesystem_method_descriptor_link_at);
HOST(filesystem_method_descriptor_metadata_hash_at);
HOST(filesystem_method_descriptor_open_at);
HOST(filesystem_method_descriptor_readlink_at);
HOST(filesystem_method_descriptor_remove_directory_at);
HOST(filesystem_method_descriptor_rename_at);
HOST(filesystem_method_descriptor_set_times_at);
HOST(filesystem_method_descriptor_stat_at);
HOST(filesystem_method_descriptor_symlink_at);
HOST(filesystem_method_descriptor_unlink_file_at);

typedef filesystem_borrow_descriptor_t descriptor_t;

static bool follows(filesystem_path_flags_t flags) { return flags & FILESYSTEM_PATH_FLAGS_SYMLINK_FOLLOW; }

// Tries the host first: `call` uses `place.host` and `&place.below`, and stores its error in `*err`. Leaves the
// function with the host's answer, unless our trees are to be asked.
#define FIND(self, path, follow, call)                          \
  place_t place;                                                \
  error_t error = place_find((self), (path), (follow), &place); \
  if (error != SUCCESS) {                                       \
    return told(error, err);                                    \
  }                                                             \
  error = ERROR(NO_ENTRY);                                      \
  if (place.on_host) {                                          \
    if (call) {                                                 \
      place_free(&place);                                       \
      return true;                                              \
    }                                                           \
    error = *err;                                               \
    if (!is_missing(error)) {                                   \
      place_free(&place);                                       \
      return false;                                             \
    }                                                           \
  }

#define RETURN(result)          \
  do {                          \
    error_t outcome = (result); \
    place_free(&place);         \
    return told(outcome, err);  \
  } while (0)

// Whether the path is a directory only because the host has one further down.
static bool leads_to_host(const place_t *place) {
  slice_t name;
  for (size_t i = 0, more = true; more; i++) {
    bool go_on;
    if (mounts_below(place->path, i, &name, &go_on)) {
      return true;
    }
    more = go_on;
  }
  return false;
}

// --- Looking ---------------------------------------------------------------------------------------------------------

static const filesystem_descriptor_stat_t bare_directory = {.type = FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY,
                                                            .link_count = 1};

bool filesystem_method_descriptor_stat_at(descriptor_t self, filesystem_path_flags_t flags, wasip2_string_t *path,
                                          filesystem_descriptor_stat_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_stat_at(self, flags, path, ret, err);
  }
  FIND(self, path, follows(flags),
       host_filesystem_method_descriptor_stat_at(place.host, flags, &place.below, ret, err));
  if (is_node(place.walk.found)) {
    *ret = node_stat(place.walk.found);
    RETURN(SUCCESS);
  }
  if (leads_to_host(&place)) {
    *ret = bare_directory;
    RETURN(SUCCESS);
  }
  RETURN(place_error(&place, error));
}

bool filesystem_method_descriptor_metadata_hash_at(descriptor_t self, filesystem_path_flags_t flags,
                                                   wasip2_string_t *path, filesystem_metadata_hash_value_t *ret,
                                                   filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_metadata_hash_at(self, flags, path, ret, err);
  }
  FIND(self, path, follows(flags),
       host_filesystem_method_descriptor_metadata_hash_at(place.host, flags, &place.below, ret, err));
  if (is_node(place.walk.found) || leads_to_host(&place)) {
    node_t found = is_node(place.walk.found) ? place.walk.found : ROOT;
    *ret = (filesystem_metadata_hash_value_t){.lower = node_identity(found), .upper = 1};
    RETURN(SUCCESS);
  }
  RETURN(place_error(&place, error));
}

bool filesystem_method_descriptor_readlink_at(descriptor_t self, wasip2_string_t *path, wasip2_string_t *ret,
                                              filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_readlink_at(self, path, ret, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_readlink_at(place.host, &place.below, ret, err));
  if (!is_node(place.walk.found)) {
    RETURN(place_error(&place, error));
  }
  if (node_kind(place.walk.found) != KIND_LINK) {
    RETURN(ERROR(INVALID));
  }
  slice_t target = node_target(place.walk.found);
  ret->len = target.length;
  ret->ptr = malloc(target.length ? target.length : 1);
  if (!ret->ptr) {
    RETURN(ERROR(INSUFFICIENT_MEMORY));
  }
  memcpy(ret->ptr, target.bytes, target.length);
  RETURN(SUCCESS);
}

// For `access`: whether a path is a file or directory that cannot be written to.
bool __wasilibc_is_read_only(descriptor_t self, wasip2_string_t *path) {
  place_t place;
  if (!is_ours(self.__handle) || place_find(self, path, true, &place) != SUCCESS) {
    return false;
  }
  filesystem_descriptor_stat_t ignored;
  filesystem_error_code_t error;
  bool is_host = place.on_host && host_filesystem_method_descriptor_stat_at(
                                      place.host, FILESYSTEM_PATH_FLAGS_SYMLINK_FOLLOW, &place.below, &ignored, &error);
  place_free(&place);
  return !is_host && !place.walk.found.memory;
}

// --- Opening ---------------------------------------------------------------------------------------------------------

static error_t open_node(node_t node, char *path, filesystem_descriptor_flags_t flags,
                         filesystem_own_descriptor_t *ret) {
  opened_t *opened = malloc(sizeof *opened);
  if (!opened) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  *opened = (opened_t){.node = node, .path = path, .flags = flags};
  if (node.memory) {
    node.memory->users++;
  }
  ret->__handle = to_handle(opened);
  return SUCCESS;
}

static error_t open_directory(place_t *place, node_t node, filesystem_descriptor_flags_t flags,
                              filesystem_own_descriptor_t *ret) {
  // Its own path: links are followed in ours.
  char *path = is_node(node) ? node_path(node) : strdup(place->path);
  error_t error = path ? open_node(node, path, flags, ret) : ERROR(INSUFFICIENT_MEMORY);
  if (error != SUCCESS) {
    free(path);
  }
  return error;
}

static error_t open_file(node_t node, filesystem_open_flags_t open_flags, filesystem_descriptor_flags_t flags,
                         filesystem_own_descriptor_t *ret) {
  if (open_flags & FILESYSTEM_OPEN_FLAGS_DIRECTORY) {
    return ERROR(NOT_DIRECTORY);
  }
  bool truncates = open_flags & FILESYSTEM_OPEN_FLAGS_TRUNCATE;
  if (!node.memory && (truncates || flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE)) {
    return ERROR(READ_ONLY);
  }
  error_t error = truncates ? memory_resize(node.memory, 0) : content_open(node);
  return error == SUCCESS ? open_node(node, NULL, flags, ret) : error;
}

static error_t open_found(place_t *place, filesystem_open_flags_t open_flags, filesystem_descriptor_flags_t flags,
                          filesystem_own_descriptor_t *ret) {
  node_t node = place->walk.found;
  const filesystem_open_flags_t anew = FILESYSTEM_OPEN_FLAGS_CREATE | FILESYSTEM_OPEN_FLAGS_EXCLUSIVE;
  if ((open_flags & anew) == anew) {
    return ERROR(EXIST);
  }
  switch (node_kind(node)) {
    case KIND_LINK:
      return ERROR(LOOP);
    case KIND_DIRECTORY:
      if (flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE || open_flags & FILESYSTEM_OPEN_FLAGS_CREATE) {
        return ERROR(IS_DIRECTORY);
      }
      return open_directory(place, node, flags, ret);
    default:
      return open_file(node, open_flags, flags, ret);
  }
}

static error_t open_new(place_t *place, filesystem_descriptor_flags_t flags, filesystem_own_descriptor_t *ret) {
  memory_node_t *created;
  error_t error = memory_create(place->walk.parent, place->walk.name, KIND_FILE, &created);
  return error == SUCCESS ? open_node((node_t){NO_INDEX, created}, NULL, flags, ret) : error;
}

// Whether a directory that the host has opened has entries in our trees, too.
static bool is_directory_of_both(const place_t *place, filesystem_own_descriptor_t opened) {
  filesystem_descriptor_type_t type;
  filesystem_error_code_t ignored;
  return is_node(place->walk.found) && node_kind(place->walk.found) == KIND_DIRECTORY &&
         filesystem_method_descriptor_get_type(filesystem_borrow_descriptor(opened), &type, &ignored) &&
         type == FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY;
}

bool filesystem_method_descriptor_open_at(descriptor_t self, filesystem_path_flags_t path_flags, wasip2_string_t *path,
                                          filesystem_open_flags_t open_flags, filesystem_descriptor_flags_t flags,
                                          filesystem_own_descriptor_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_open_at(self, path_flags, path, open_flags, flags, ret, err);
  }
  place_t place;
  error_t error = place_find(self, path, follows(path_flags), &place);
  if (error != SUCCESS) {
    return told(error, err);
  }
  error = ERROR(NO_ENTRY);
  if (place.on_host) {
    if (host_filesystem_method_descriptor_open_at(place.host, path_flags, &place.below, open_flags, flags, ret, err)) {
      if (is_directory_of_both(&place, *ret)) {
        host_filesystem_descriptor_drop_own(*ret);
        RETURN(open_directory(&place, place.walk.found, flags, ret));
      }
      RETURN(SUCCESS);
    }
    error = *err;
    if (!is_missing(error)) {
      RETURN(error);
    }
  }
  if (is_node(place.walk.found)) {
    RETURN(open_found(&place, open_flags, flags, ret));
  }
  if (leads_to_host(&place)) {
    RETURN(open_directory(&place, NOTHING, flags, ret));
  }
  bool is_last_missing = is_node(place.walk.parent) && place.walk.error == ERROR(NO_ENTRY);
  if (open_flags & FILESYSTEM_OPEN_FLAGS_CREATE && is_last_missing) {
    // A refusal by the host tells more than that ours can never be written to.
    bool may_tell = place.walk.parent.memory || !place.on_host || error == ERROR(NO_ENTRY);
    RETURN(may_tell ? open_new(&place, flags, ret) : error);
  }
  RETURN(place_error(&place, error));
}

// --- Changing --------------------------------------------------------------------------------------------------------

// Why nothing can be made at a path.
static error_t refusal(const place_t *place, error_t of_host) {
  if (is_node(place->walk.found)) {
    return ERROR(EXIST);
  }
  if (!is_node(place->walk.parent)) {
    return place_error(place, of_host);
  }
  return place->on_host && !place->walk.parent.memory ? of_host : SUCCESS;
}

bool filesystem_method_descriptor_create_directory_at(descriptor_t self, wasip2_string_t *path,
                                                      filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_create_directory_at(self, path, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_create_directory_at(place.host, &place.below, err));
  memory_node_t *created;
  error = refusal(&place, error);
  RETURN(error == SUCCESS ? memory_create(place.walk.parent, place.walk.name, KIND_DIRECTORY, &created) : error);
}

bool filesystem_method_descriptor_symlink_at(descriptor_t self, wasip2_string_t *target, wasip2_string_t *path,
                                             filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_symlink_at(self, target, path, err);
  }
  FIND(self, path, false, host_filesystem_method_descriptor_symlink_at(place.host, target, &place.below, err));
  error = refusal(&place, error);
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

static error_t pair_find(descriptor_t from, wasip2_string_t *old, descriptor_t to, wasip2_string_t *new, pair_t *pair) {
  *pair = (pair_t){.old = {.walk = {.found = NOTHING, .parent = NOTHING}},
                   .new = {.walk = {.found = NOTHING, .parent = NOTHING}}};
  error_t error = SUCCESS;
  if (is_ours(from.__handle)) {
    error = place_find(from, old, false, &pair->old);
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

static error_t rename_ours(const pair_t *pair, error_t of_host) {
  node_t old = pair->old.walk.found, replaced = pair->new.walk.found;
  if (!is_node(old)) {
    return pair->old.on_host && !pair->new.on_host ? ERROR(CROSS_DEVICE) : place_error(&pair->old, of_host);
  }
  if (!old.memory) {
    return ERROR(READ_ONLY);
  }
  node_t directory = is_node(replaced) ? node_parent(replaced) : pair->new.walk.parent;
  if (!is_node(directory)) {
    return pair->new.on_host ? ERROR(CROSS_DEVICE) : place_error(&pair->new, of_host);
  }
  slice_t name = is_node(replaced) ? node_name(replaced) : pair->new.walk.name;
  return memory_rename(old.memory, directory, name, replaced);
}

bool filesystem_method_descriptor_rename_at(descriptor_t self, wasip2_string_t *old, descriptor_t to,
                                            wasip2_string_t *new, filesystem_error_code_t *err) {
  pair_t pair;
  error_t error = pair_find(self, old, to, new, &pair);
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

bool filesystem_method_descriptor_link_at(descriptor_t self, filesystem_path_flags_t flags, wasip2_string_t *old,
                                          descriptor_t to, wasip2_string_t *new, filesystem_error_code_t *err) {
  pair_t pair;
  error_t error = pair_find(self, old, to, new, &pair);
  if (error == SUCCESS) {
    // Files in memory have one name each.
    error = ERROR(UNSUPPORTED);
    if (pair.on_host) {
      bool done = host_filesystem_method_descriptor_link_at(pair.old.host, flags, &pair.old.below, pair.new.host,
                                                            &pair.new.below, err);
      error = done ? SUCCESS : *err;
    }
  }
  return told(pair_free(&pair, error), err);
}
