// The files inside the component: a read-only tree that the build has embedded, and a writable one in memory.
//
// wasi-libc reaches the host's files through the functions of its generated header (`wasi/wasip2.h`). Those of them
// that concern files are defined here instead (`files_host.c`, `files_paths.c`, `files_changes.c`, `files_opened.c`,
// `files_streams.c`, `files_listing.c`), so that every function of the C library sees the union of the host's directories and these trees.
// The host's functions keep their code under names with `host_` in front (`host_names.h`).
#ifndef COMPONENTIZE_PY_FILES_H
#define COMPONENTIZE_PY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wasi/wasip2.h>

// The host's function behind one of ours.
#define HOST(function) extern __typeof__(function) host_##function

typedef filesystem_borrow_descriptor_t descriptor_t;
typedef filesystem_error_code_t error_t;
#define ERROR(name) FILESYSTEM_ERROR_CODE_##name
// No code of WASI has this number.
#define SUCCESS ((error_t)255)

// --- The archive: src/files/archive.rs writes it ---------------------------------------------------------------------

// `KIND_NULL` is `/dev/null`.
typedef enum kind { KIND_DIRECTORY, KIND_FILE, KIND_LINK, KIND_COMPRESSED_FILE, KIND_NULL } kind_t;

typedef struct archived {
  uint32_t name; // where the archive has it
  uint16_t name_length;
  uint16_t kind;
  uint32_t parent;
  // A directory's first child, or where the archive has the content.
  uint32_t start;
  // The number of a directory's children, or the bytes of the content in the archive.
  uint32_t length;
  // Of a file, once it is decompressed.
  uint32_t size;
} archived_t;

typedef struct archive {
  uint32_t count;
  // The directory whose entries also appear in the root: the application's own.
  uint32_t home;
  // The most bytes that the files in memory may have; 0 if there are none.
  uint64_t memory_limit;
  // Whether calls of WASI trap, so that nothing may be asked of the host.
  uint32_t is_alone;
  uint32_t reserved;
  archived_t nodes[]; // breadth first: the children of a directory are neighbours, sorted by name
} archive_t;

// --- Nodes -----------------------------------------------------------------------------------------------------------

typedef struct memory_node memory_node_t;

// A file or directory of either tree.
typedef struct node {
  uint32_t index;        // in the archive
  memory_node_t *memory; // not null: in memory
} node_t;

#define NO_INDEX UINT32_MAX
#define NOTHING ((node_t){NO_INDEX, NULL})
#define ROOT ((node_t){0, NULL})

typedef struct slice {
  const char *bytes;
  size_t length;
} slice_t;

// Below, at or above zero, as `memcmp` says.
static inline int slice_order(slice_t a, slice_t b) {
  int order = memcmp(a.bytes, b.bytes, a.length < b.length ? a.length : b.length);
  return order ? order : (a.length > b.length) - (a.length < b.length);
}

static inline bool is_node(node_t node) { return node.memory || node.index != NO_INDEX; }
bool is_null(node_t node);
static inline bool is_same(node_t a, node_t b) { return a.memory == b.memory && a.index == b.index; }

// The result of a walk along a path.
typedef struct walk {
  error_t error; // SUCCESS, or why there is no `found`
  node_t found;
  // If only the last part is missing, its directory.
  node_t parent;
  // Whether a slash behind the missing part asks for a directory.
  bool wants_directory;
  // The last part, in the path or in a link's target.
  slice_t name;
} walk_t;

// 1980, the first year that ZIP files know; the same as while building.
static const filesystem_datetime_t files_build_time = {.seconds = 315532800};

bool files_are_mounted(void);
const archive_t *files_archive(void);

kind_t node_kind(node_t node);
uint64_t node_size(node_t node);
slice_t node_name(node_t node);
node_t node_parent(node_t node);
uint64_t node_identity(node_t node);
// Follows links but for the last part, which is followed if `follow` says so.
walk_t node_walk(node_t from, slice_t path, bool follow);
// The target of a link.
slice_t node_target(node_t node);
// The number of a directory's entries, and one of them.
size_t node_count(node_t directory);
node_t node_entry(node_t directory, size_t index);
// The absolute path, to be freed; null without memory.
char *node_path(node_t node);

// Opens the content of a file and keeps it until it is released. Returns an error if there is no memory.
error_t content_open(node_t node);
void content_release(node_t node);
// Valid until the next write.
const uint8_t *content_bytes(node_t node);

// --- Files in memory -------------------------------------------------------------------------------------------------

// What is behind a name, or behind several: hard links.
typedef struct memory_body {
  uint8_t *bytes; // of a file; a link's target
  uint64_t size;
  size_t allocated;
  filesystem_datetime_t accessed, modified;
  uint64_t identity;
  uint32_t names; // in directories
  uint32_t nodes; // those, and unlinked ones that are open
} memory_body_t;

// A name in a directory.
struct memory_node {
  char *name;
  kind_t kind;
  memory_node_t *parent;   // null: the root, or unlinked
  memory_node_t **entries; // of a directory, sorted by name
  size_t count, capacity;
  uint32_t users; // open descriptors
  memory_body_t *body;
};

memory_node_t *memory_root(void);
error_t memory_create(node_t directory, slice_t name, kind_t kind, memory_node_t **created);
// Gives a file one more name.
error_t memory_link(memory_node_t *node, node_t directory, slice_t name);
error_t memory_remove(memory_node_t *node);
error_t memory_rename(memory_node_t *node, node_t directory, slice_t name, node_t replaced);
error_t memory_write(memory_node_t *node, uint64_t offset, const uint8_t *bytes, size_t length);
error_t memory_resize(memory_node_t *node, uint64_t size);
// Gives back a descriptor's use of a node, which `users` counts.
void memory_release(memory_node_t *node);
filesystem_datetime_t memory_now(void);

// --- Handles ---------------------------------------------------------------------------------------------------------

// Ours have the highest bit, which the host's never have, and the address without the bits that are zero.
#define OURS 0x80000000u
static inline bool is_ours(int32_t handle) { return (uint32_t)handle & OURS; }
static inline int32_t to_handle(const void *object) { return (int32_t)(OURS | (uint32_t)(uintptr_t)object >> 3); }
static inline void *of_handle(int32_t handle) { return (void *)(uintptr_t)((uint32_t)handle << 3); }

// A descriptor of ours.
typedef struct opened {
  node_t node; // a directory may be `NOTHING`: it only leads to directories of the host
  char *path;  // of a directory: absolute, for the host's part
  filesystem_descriptor_flags_t flags;
} opened_t;

// Reads into new memory; a shorter result, or an empty one, is the end. Both check what the descriptor is open for.
error_t opened_read(const opened_t *opened, uint64_t offset, uint64_t length, wasip2_list_u8_t *read);
error_t opened_write(const opened_t *opened, uint64_t offset, const wasip2_list_u8_t *bytes);

// Stores an error, if there is one. Returns whether there is none.
static inline bool told(error_t error, filesystem_error_code_t *told) {
  if (error != SUCCESS) {
    *told = error;
  }
  return error == SUCCESS;
}

// --- The host's directories ------------------------------------------------------------------------------------------

// The first descriptor, which is static and stays open.
bool is_first(const opened_t *opened);

// A path below a descriptor of ours.
typedef struct place {
  char *path;   // absolute, with `..` only after parts that the host alone knows
  bool on_host; // a directory of the host's contains the path
  filesystem_borrow_descriptor_t host;
  wasip2_string_t below; // the path from there
  walk_t walk;           // along our trees
} place_t;

// Finds a path on both sides. Returns an error if there is no memory.
error_t place_find(filesystem_borrow_descriptor_t directory, const wasip2_string_t *path, bool follow, place_t *place);
void place_free(place_t *place);
// Whether our trees are asked after the host has given this error.
bool is_missing(error_t error);
// Why our trees do not have the path either.
error_t place_error(const place_t *place, error_t of_host);
// Whether the host has a directory `/tmp` of its own, which is used in place of the one in memory.
bool host_has_temporary(void);
// Whether directories of the host's lie below this absolute path, with their first part there.
bool mounts_below(const char *path, size_t index, slice_t *name, bool *more);
// For a directory that only leads to directories of the host, the node is `NOTHING`.
filesystem_descriptor_stat_t directory_stat(node_t node);
filesystem_metadata_hash_value_t directory_hash(node_t node, const char *path);
filesystem_descriptor_stat_t node_stat(node_t node);
error_t node_set_times(node_t node, const filesystem_new_timestamp_t *accessed,
                       const filesystem_new_timestamp_t *modified);

#endif
