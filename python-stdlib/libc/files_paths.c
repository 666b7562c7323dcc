// The functions of `wasi:filesystem/types` that look at a path or open it. The host's directories come first; our trees
// have what they lack.
#include "files_find.h"

#include <stdlib.h>
#include <string.h>

HOST(filesystem_descriptor_drop_own);
HOST(filesystem_method_descriptor_metadata_hash_at);
HOST(filesystem_method_descriptor_open_at);
HOST(filesystem_method_descriptor_readlink_at);
HOST(filesystem_method_descriptor_stat_at);

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

bool filesystem_method_descriptor_stat_at(descriptor_t self, filesystem_path_flags_t flags, wasip2_string_t *path,
                                          filesystem_descriptor_stat_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_stat_at(self, flags, path, ret, err);
  }
  FIND(self, path, follows(flags),
       host_filesystem_method_descriptor_stat_at(place.host, flags, &place.below, ret, err));
  if (is_node(place.walk.found) || leads_to_host(&place)) {
    *ret = directory_stat(place.walk.found);
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
    *ret = directory_hash(place.walk.found, place.path);
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
  return !is_host && !place.walk.found.memory && !is_null(place.walk.found);
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

// The path by which the directory was found on the host; null without memory.
static char *path_on_host(const place_t *place) {
  size_t length = strlen(place->path);
  return strndup(place->path, length > 1 && place->path[length - 1] == '/' ? length - 1 : length);
}

// `path` becomes the directory's.
static error_t open_directory(node_t node, char *path, filesystem_descriptor_flags_t flags,
                              filesystem_own_descriptor_t *ret) {
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
  bool is_writable = node.memory || is_null(node);
  if (!is_writable && (truncates || flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE)) {
    return ERROR(READ_ONLY);
  }
  error_t error = truncates && node.memory ? memory_resize(node.memory, 0) : content_open(node);
  if (error == SUCCESS) {
    error = open_node(node, NULL, flags, ret);
    if (error != SUCCESS) {
      content_release(node);
    }
  }
  return error;
}

static error_t open_found(place_t *place, filesystem_open_flags_t open_flags, filesystem_descriptor_flags_t flags,
                          filesystem_own_descriptor_t *ret) {
  node_t node = place->walk.found;
  switch (node_kind(node)) {
    case KIND_LINK:
      return ERROR(LOOP);
    case KIND_DIRECTORY:
      if (flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE || open_flags & FILESYSTEM_OPEN_FLAGS_CREATE) {
        return ERROR(IS_DIRECTORY);
      }
      // Its own path: links are followed in our trees.
      return open_directory(node, node_path(node), flags, ret);
    default:
      return open_file(node, open_flags, flags, ret);
  }
}

static error_t open_new(place_t *place, filesystem_descriptor_flags_t flags, filesystem_own_descriptor_t *ret) {
  if (place->walk.wants_directory) {
    return ERROR(IS_DIRECTORY);
  }
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
  const filesystem_open_flags_t anew = FILESYSTEM_OPEN_FLAGS_CREATE | FILESYSTEM_OPEN_FLAGS_EXCLUSIVE;
  bool is_anew = (open_flags & anew) == anew;
  place_t place;
  // Nobody makes the target of a link.
  error_t error = place_find(self, path, follows(path_flags) && !is_anew, &place);
  if (error != SUCCESS) {
    return told(error, err);
  }
  error = ERROR(NO_ENTRY);
  if (is_anew && is_node(place.walk.found)) {
    RETURN(ERROR(EXIST));
  }
  if (place.on_host) {
    filesystem_open_flags_t host_flags = open_flags;
    if (is_node(place.walk.found) && !(open_flags & FILESYSTEM_OPEN_FLAGS_TRUNCATE)) {
      // An empty file of the host's would hide the content of ours.
      host_flags &= (filesystem_open_flags_t)~FILESYSTEM_OPEN_FLAGS_CREATE;
    }
    if (host_filesystem_method_descriptor_open_at(place.host, path_flags, &place.below, host_flags, flags, ret, err)) {
      if (is_directory_of_both(&place, *ret)) {
        host_filesystem_descriptor_drop_own(*ret);
        RETURN(open_directory(place.walk.found, path_on_host(&place), flags, ret));
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
    RETURN(open_directory(NOTHING, path_on_host(&place), flags, ret));
  }
  bool is_last_missing = is_node(place.walk.parent) && place.walk.error == ERROR(NO_ENTRY);
  if (open_flags & FILESYSTEM_OPEN_FLAGS_CREATE && is_last_missing) {
    // A refusal by the host tells more than that ours can never be written to.
    bool may_tell = place.walk.parent.memory || !place.on_host || error == ERROR(NO_ENTRY);
    RETURN(may_tell ? open_new(&place, flags, ret) : error);
  }
  RETURN(place_error(&place, error));
}
