// The host's directories, and the places of paths in them and in our trees.
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct mount {
  filesystem_own_descriptor_t directory;
  char *prefix; // without slashes at its ends; empty for the root
} mount_t;

static mount_t *mounts;
static size_t mount_count;
static _Alignas(8) opened_t root;

extern __typeof__(filesystem_preopens_get_directories) host_filesystem_preopens_get_directories;
extern __typeof__(filesystem_descriptor_drop_own) host_filesystem_descriptor_drop_own;
extern __typeof__(filesystem_method_descriptor_stat_at) host_filesystem_method_descriptor_stat_at;

static slice_t trimmed(const char *bytes, size_t length) {
  // `.` is the root, where every process starts.
  while (length && (bytes[0] == '/' || (bytes[0] == '.' && (length == 1 || bytes[1] == '/')))) {
    bytes++;
    length--;
  }
  while (length && bytes[length - 1] == '/') {
    length--;
  }
  return (slice_t){bytes, length};
}

static void ask_host(void) {
  if (files_archive()->is_alone) {
    return;
  }
  filesystem_preopens_list_tuple2_own_descriptor_string_t given;
  host_filesystem_preopens_get_directories(&given);
  mounts = calloc(given.len ? given.len : 1, sizeof *mounts);
  for (size_t i = 0; i < given.len; i++) {
    slice_t prefix = trimmed((const char *)given.ptr[i].f1.ptr, given.ptr[i].f1.len);
    char *copy = mounts ? strndup(prefix.bytes, prefix.length) : NULL;
    if (copy) {
      mounts[mount_count++] = (mount_t){given.ptr[i].f0, copy};
    } else {
      host_filesystem_descriptor_drop_own(given.ptr[i].f0);
    }
    wasip2_string_free(&given.ptr[i].f1);
  }
  if (given.len) {
    free(given.ptr);
  }
}

// Called once: the C library keeps the result. If there are files inside the component, it gets a single directory, the
// root of the union.
void filesystem_preopens_get_directories(filesystem_preopens_list_tuple2_own_descriptor_string_t *directories) {
  if (!files_are_mounted()) {
    host_filesystem_preopens_get_directories(directories);
    return;
  }
  ask_host();
  directories->len = 0;
  directories->ptr = malloc(sizeof *directories->ptr);
  uint8_t *name = malloc(1);
  if (!directories->ptr || !name) {
    abort();
  }
  *name = '/';
  root = (opened_t){.node = ROOT,
                    .path = "/",
                    .flags = FILESYSTEM_DESCRIPTOR_FLAGS_READ | FILESYSTEM_DESCRIPTOR_FLAGS_MUTATE_DIRECTORY};
  directories->ptr[0].f0.__handle = to_handle(&root);
  directories->ptr[0].f1 = (wasip2_string_t){name, 1};
  directories->len = 1;
}

// For SQLite, which calls it in place of `mkdir`: where nobody can write, nobody needs a lock.
int __wasilibc_make_lock_directory(const char *path, mode_t mode) {
  int status = mkdir(path, mode);
  return status < 0 && errno == EROFS ? 0 : status;
}

bool is_first(const opened_t *opened) { return opened == &root; }

// --- Paths -----------------------------------------------------------------------------------------------------------

static bool starts_with(const char *path, slice_t prefix) {
  return !prefix.length ||
         (strncmp(path, prefix.bytes, prefix.length) == 0 && (path[prefix.length] == '/' || !path[prefix.length]));
}

static slice_t prefix_of(const mount_t *mount) { return (slice_t){mount->prefix, strlen(mount->prefix)}; }

static void find_on_host(place_t *place) {
  const char *path = place->path + 1;
  size_t longest = 0;
  for (size_t i = 0; i < mount_count; i++) {
    size_t length = strlen(mounts[i].prefix);
    if (!starts_with(path, prefix_of(&mounts[i])) || (place->on_host && length < longest)) {
      continue;
    }
    longest = length;
    place->on_host = true;
    place->host = filesystem_borrow_descriptor(mounts[i].directory);
    const char *below = path + length;
    below += *below == '/';
    below = *below ? below : ".";
    place->below = (wasip2_string_t){(uint8_t *)below, strlen(below)};
  }
}

bool mounts_below(const char *path, size_t index, slice_t *name, bool *more) {
  *more = index < mount_count;
  slice_t above = trimmed(path, strlen(path));
  if (!*more || !mounts[index].prefix[0] || !starts_with(mounts[index].prefix, above)) {
    return false;
  }
  const char *rest = mounts[index].prefix + above.length;
  rest += *rest == '/';
  *name = (slice_t){rest, strcspn(rest, "/")};
  return name->length;
}

bool host_has_temporary(void) {
  static enum { UNKNOWN, LACKING, THERE } state;
  if (state == UNKNOWN) {
    place_t place = {.path = "/tmp"};
    find_on_host(&place);
    filesystem_descriptor_stat_t stat;
    filesystem_error_code_t ignored;
    bool is_there =
        place.on_host && host_filesystem_method_descriptor_stat_at(place.host, FILESYSTEM_PATH_FLAGS_SYMLINK_FOLLOW,
                                                                   &place.below, &stat, &ignored);
    state = is_there && stat.type == FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY ? THERE : LACKING;
  }
  return state == THERE;
}

// Whether this path is a directory from which `..` leads to the path without its last part: one of ours, or one that
// the host gives or that leads there.
static bool is_plain_directory(const char *path, size_t length) {
  walk_t walk = node_walk(ROOT, (slice_t){path, length}, false);
  if (is_node(walk.found)) {
    return node_kind(walk.found) == KIND_DIRECTORY;
  }
  for (size_t i = 0; i < mount_count; i++) {
    if (starts_with(mounts[i].prefix, (slice_t){path + 1, length - 1})) {
      return true;
    }
  }
  return false;
}

// Appends a path to an absolute one.
static void append(char *to, const char *path, size_t length) {
  size_t end = strlen(to);
  for (size_t i = 0; i < length;) {
    size_t part = i;
    while (i < length && path[i] != '/') {
      i++;
    }
    size_t size = i - part;
    i += i < length;
    if (size == 0 || (size == 1 && path[part] == '.')) {
      continue;
    }
    if (size == 2 && path[part] == '.' && path[part + 1] == '.' && is_plain_directory(to, end)) {
      while (end > 1 && to[--end] != '/') {
      }
      to[end == 0 ? 1 : end] = '\0';
      end = strlen(to);
      continue;
    }
    if (end > 1) {
      to[end++] = '/';
    }
    memcpy(to + end, path + part, size);
    end += size;
    to[end] = '\0';
  }
  // A slash at the end asks for a directory.
  if (length && path[length - 1] == '/' && end > 1) {
    to[end++] = '/';
    to[end] = '\0';
  }
}

static bool leads_up(slice_t path) {
  for (size_t i = 0; i + 1 < path.length; i++) {
    if (path.bytes[i] == '.' && path.bytes[i + 1] == '.') {
      return true;
    }
  }
  return false;
}

error_t place_find(filesystem_borrow_descriptor_t directory, const wasip2_string_t *path, bool follow, place_t *place) {
  *place = (place_t){.walk = {.error = ERROR(NO_ENTRY), .found = NOTHING, .parent = NOTHING}};
  const opened_t *opened = of_handle(directory.__handle);
  if (!opened->path) {
    return ERROR(NOT_DIRECTORY);
  }
  slice_t below = {(const char *)path->ptr, path->len};
  bool is_absolute = below.length && below.bytes[0] == '/';
  const char *from = is_absolute ? "/" : opened->path;
  place->path = malloc(strlen(from) + below.length + 3);
  if (!place->path) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  strcpy(place->path, from);
  append(place->path, below.bytes, below.length);
  find_on_host(place);
  if (is_absolute || is_node(opened->node)) {
    place->walk = node_walk(is_absolute ? ROOT : opened->node, below, follow);
  }
  bool is_lost = !is_node(place->walk.found) && !is_node(place->walk.parent);
  if (is_lost && (!is_node(opened->node) || leads_up(below))) {
    // `..` may lead out of a directory that only the host has.
    place->walk = node_walk(ROOT, (slice_t){place->path, strlen(place->path)}, follow);
  }
  return SUCCESS;
}

void place_free(place_t *place) { free(place->path); }

bool is_missing(error_t error) {
  return error == ERROR(NO_ENTRY) || error == ERROR(NOT_DIRECTORY) || error == ERROR(NOT_PERMITTED) ||
         error == ERROR(UNSUPPORTED);
}

error_t place_error(const place_t *place, error_t of_host) {
  bool is_telling = place->walk.error != ERROR(NO_ENTRY) && place->walk.error != SUCCESS;
  return is_telling || !place->on_host ? place->walk.error : of_host;
}
