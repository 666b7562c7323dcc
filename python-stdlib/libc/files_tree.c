// The union of the archive and of the files in memory: nodes, walks along paths, and contents.
#include "files.h"

#include <stdlib.h>

#define MOST_LINKS 40
// The most bytes of contents that stay decompressed though nobody has the file open.
#define MOST_KEPT (16u << 20)
#define BUCKETS 64

// The directory of the files in memory, in the root.
static const slice_t memory_name = {"tmp", 3};

typedef bool (*inflate_t)(const uint8_t *packed, size_t length, uint8_t *bytes, size_t size);

static const archive_t *archive;
static inflate_t inflate;

void __wasilibc_mount_files(const void *bytes, inflate_t inflater) {
  archive = bytes;
  inflate = inflater;
}

bool files_are_mounted(void) { return archive; }
const archive_t *files_archive(void) { return archive; }

static const archived_t *archived(node_t node) { return &archive->nodes[node.index]; }
static const char *in_archive(uint32_t place) { return (const char *)archive + place; }

// --- Nodes -----------------------------------------------------------------------------------------------------------

kind_t node_kind(node_t node) {
  kind_t kind = node.memory ? node.memory->kind : (kind_t)archived(node)->kind;
  return kind == KIND_COMPRESSED_FILE ? KIND_FILE : kind;
}

bool is_null(node_t node) { return is_node(node) && node_kind(node) == KIND_NULL; }

uint64_t node_size(node_t node) {
  if (node.memory) {
    return node.memory->body->size;
  }
  switch ((kind_t)archived(node)->kind) {
    case KIND_LINK:
      return archived(node)->length;
    case KIND_DIRECTORY:
      return 0;
    default:
      return archived(node)->size;
  }
}

slice_t node_name(node_t node) {
  if (node.memory == memory_root()) {
    return memory_name;
  }
  if (node.memory) {
    return (slice_t){node.memory->name, strlen(node.memory->name)};
  }
  return (slice_t){in_archive(archived(node)->name), archived(node)->name_length};
}

node_t node_parent(node_t node) {
  if (node.memory && node.memory->parent) {
    return (node_t){NO_INDEX, node.memory->parent};
  }
  return node.memory ? ROOT : (node_t){archived(node)->parent, NULL};
}

// Even numbers are the archive's. Nothing has the number 0, which Python takes for a missing one.
uint64_t node_identity(node_t node) {
  return node.memory ? 2 * node.memory->body->identity + 1 : 2 * ((uint64_t)node.index + 1);
}

slice_t node_target(node_t node) {
  if (node.memory) {
    return (slice_t){(const char *)node.memory->body->bytes, (size_t)node.memory->body->size};
  }
  return (slice_t){in_archive(archived(node)->start), archived(node)->length};
}

// Whether the root has the directory of files in memory besides the archive's entries.
static bool has_memory_entry(node_t directory) {
  return !directory.memory && directory.index == 0 && archive->memory_limit && !host_has_temporary();
}

size_t node_count(node_t directory) {
  if (directory.memory) {
    return directory.memory->count;
  }
  size_t home = directory.index == 0 && archive->home ? archive->nodes[archive->home].length : 0;
  return archived(directory)->length + home + has_memory_entry(directory);
}

node_t node_entry(node_t directory, size_t index) {
  if (directory.memory) {
    return (node_t){NO_INDEX, directory.memory->entries[index]};
  }
  if (index < archived(directory)->length) {
    return (node_t){archived(directory)->start + (uint32_t)index, NULL};
  }
  index -= archived(directory)->length;
  const archived_t *home = &archive->nodes[archive->home];
  if (directory.index == 0 && archive->home && index < home->length) {
    return (node_t){home->start + (uint32_t)index, NULL};
  }
  return (node_t){NO_INDEX, memory_root()};
}

// The entry of that name in a part of a directory's entries, which is sorted.
static node_t search(node_t directory, size_t low, size_t high, slice_t name) {
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    node_t entry = node_entry(directory, middle);
    int order = slice_order(name, node_name(entry));
    if (order == 0) {
      return entry;
    }
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NOTHING;
}

static node_t child(node_t directory, slice_t name) {
  size_t count = node_count(directory);
  if (directory.memory || directory.index != 0) {
    return search(directory, 0, count, name);
  }
  // The root: first its own directories, then the files in memory, then the application's.
  size_t own = archived(directory)->length;
  node_t found = search(directory, 0, own, name);
  if (!is_node(found) && has_memory_entry(directory)) {
    count--;
    found = slice_order(name, memory_name) == 0 ? node_entry(directory, count) : NOTHING;
  }
  return is_node(found) ? found : search(directory, own, count, name);
}

// --- Paths -----------------------------------------------------------------------------------------------------------

static slice_t without_slashes(slice_t path) {
  while (path.length && path.bytes[0] == '/') {
    path.bytes++;
    path.length--;
  }
  return path;
}

static slice_t first_part(slice_t path) {
  size_t length = 0;
  while (length < path.length && path.bytes[length] != '/') {
    length++;
  }
  return (slice_t){path.bytes, length};
}

static bool is_text(slice_t part, const char *text) {
  return part.length == strlen(text) && !memcmp(part.bytes, text, part.length);
}

static node_t walk_parts(walk_t *walk, node_t at, slice_t path, bool follow, int *links) {
  if (path.length && path.bytes[0] == '/') {
    at = ROOT;
  }
  bool is_directory_wanted = path.length && path.bytes[path.length - 1] == '/';
  path = without_slashes(path);
  while (path.length) {
    slice_t part = first_part(path);
    path = without_slashes((slice_t){path.bytes + part.length, path.length - part.length});
    if (node_kind(at) != KIND_DIRECTORY) {
      walk->error = ERROR(NOT_DIRECTORY);
      return NOTHING;
    }
    if (is_text(part, ".")) {
      continue;
    }
    if (is_text(part, "..")) {
      at = node_parent(at);
      continue;
    }
    node_t next = child(at, part);
    walk->parent = path.length ? NOTHING : at;
    walk->name = part;
    if (!is_node(next)) {
      walk->error = ERROR(NO_ENTRY);
      walk->wants_directory = is_directory_wanted;
      return NOTHING;
    }
    if (node_kind(next) == KIND_LINK && (path.length || follow || is_directory_wanted)) {
      if (++*links > MOST_LINKS) {
        walk->error = ERROR(LOOP);
        return NOTHING;
      }
      next = walk_parts(walk, at, node_target(next), true, links);
      if (!is_node(next)) {
        if (path.length) {
          walk->parent = NOTHING;
        }
        walk->wants_directory |= is_directory_wanted;
        return NOTHING;
      }
    }
    at = next;
  }
  if (is_directory_wanted && node_kind(at) != KIND_DIRECTORY) {
    walk->error = ERROR(NOT_DIRECTORY);
    return NOTHING;
  }
  return at;
}

walk_t node_walk(node_t from, slice_t path, bool follow) {
  walk_t walk = {.error = SUCCESS, .parent = NOTHING};
  int links = 0;
  walk.found = walk_parts(&walk, from, path, follow, &links);
  if (walk.error != ERROR(NO_ENTRY)) {
    walk.parent = NOTHING; // the last part is there, or leads nowhere
  }
  return walk;
}

char *node_path(node_t node) {
  size_t length = 0;
  for (node_t at = node; !is_same(at, ROOT); at = node_parent(at)) {
    length += node_name(at).length + 1;
  }
  char *path = malloc((length ? length : 1) + 1);
  if (!path) {
    return NULL;
  }
  path[0] = '/';
  path[length ? length : 1] = '\0';
  for (node_t at = node; !is_same(at, ROOT); at = node_parent(at)) {
    slice_t name = node_name(at);
    length -= name.length;
    memcpy(path + length, name.bytes, name.length);
    path[--length] = '/';
  }
  return path;
}

// --- Contents --------------------------------------------------------------------------------------------------------

typedef struct content {
  struct content *next;
  uint32_t index;
  uint32_t users;
  uint8_t bytes[];
} content_t;

static content_t *contents[BUCKETS];
static size_t kept;

static content_t **content_of(uint32_t index) {
  content_t **link = &contents[index % BUCKETS];
  while (*link && (*link)->index != index) {
    link = &(*link)->next;
  }
  return link;
}

static void forget_unused(void) {
  for (size_t i = 0; i < BUCKETS; i++) {
    content_t **link = &contents[i];
    while (*link) {
      content_t *content = *link;
      if (content->users) {
        link = &content->next;
        continue;
      }
      *link = content->next;
      kept -= archive->nodes[content->index].size;
      free(content);
    }
  }
}

static error_t decompress(uint32_t index, content_t **link) {
  const archived_t *file = &archive->nodes[index];
  if (kept + file->size > MOST_KEPT) {
    forget_unused();
    link = content_of(index);
  }
  content_t *content = malloc(sizeof *content + file->size);
  if (!content) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  *content = (content_t){.index = index};
  if (!inflate((const uint8_t *)in_archive(file->start), file->length, content->bytes, file->size)) {
    free(content);
    return ERROR(IO);
  }
  kept += file->size;
  *link = content;
  return SUCCESS;
}

error_t content_open(node_t node) {
  if (node.memory || archived(node)->kind != KIND_COMPRESSED_FILE) {
    return SUCCESS;
  }
  content_t **link = content_of(node.index);
  error_t error = *link ? SUCCESS : decompress(node.index, link);
  if (error == SUCCESS) {
    (*content_of(node.index))->users++;
  }
  return error;
}

void content_release(node_t node) {
  if (!node.memory && archived(node)->kind == KIND_COMPRESSED_FILE) {
    (*content_of(node.index))->users--;
    if (kept > MOST_KEPT) {
      forget_unused();
    }
  }
}

const uint8_t *content_bytes(node_t node) {
  if (node.memory) {
    return node.memory->body->bytes;
  }
  if (archived(node)->kind == KIND_COMPRESSED_FILE) {
    return (*content_of(node.index))->bytes;
  }
  return (const uint8_t *)in_archive(archived(node)->start);
}
