// The way of a function with a path: first to the host, then to our trees.
#ifndef COMPONENTIZE_PY_FILES_FIND_H
#define COMPONENTIZE_PY_FILES_FIND_H

#include "files.h"

static inline bool follows(filesystem_path_flags_t flags) { return flags & FILESYSTEM_PATH_FLAGS_SYMLINK_FOLLOW; }

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

#endif
