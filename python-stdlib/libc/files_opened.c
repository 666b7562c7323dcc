// The functions of `wasi:filesystem/types` on an open descriptor.
#include "files.h"

#include <stdlib.h>
#include <string.h>

HOST(filesystem_descriptor_drop_own);
HOST(filesystem_method_descriptor_advise);
HOST(filesystem_method_descriptor_get_flags);
HOST(filesystem_method_descriptor_metadata_hash);
HOST(filesystem_method_descriptor_read);
HOST(filesystem_method_descriptor_set_size);
HOST(filesystem_method_descriptor_set_times);
HOST(filesystem_method_descriptor_stat);
HOST(filesystem_method_descriptor_sync);
HOST(filesystem_method_descriptor_sync_data);
HOST(filesystem_method_descriptor_write);

filesystem_descriptor_stat_t node_stat(node_t node) {
  static const filesystem_descriptor_type_t types[] = {
      [KIND_DIRECTORY] = FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY,
      [KIND_FILE] = FILESYSTEM_DESCRIPTOR_TYPE_REGULAR_FILE,
      [KIND_LINK] = FILESYSTEM_DESCRIPTOR_TYPE_SYMBOLIC_LINK,
      [KIND_NULL] = FILESYSTEM_DESCRIPTOR_TYPE_CHARACTER_DEVICE,
  };
  const memory_body_t *body = node.memory && node.memory != memory_root() ? node.memory->body : NULL;
  filesystem_datetime_t modified = body ? body->modified : files_build_time;
  filesystem_datetime_t accessed = body ? body->accessed : files_build_time;
  return (filesystem_descriptor_stat_t){
      .type = types[node_kind(node)],
      .link_count = body ? body->names : 1,
      .size = node_size(node),
      .data_access_timestamp = {true, accessed},
      .data_modification_timestamp = {true, modified},
      .status_change_timestamp = {true, modified},
  };
}

filesystem_descriptor_stat_t directory_stat(node_t node) { return node_stat(is_node(node) ? node : ROOT); }

filesystem_metadata_hash_value_t directory_hash(node_t node, const char *path) {
  if (is_node(node)) {
    return (filesystem_metadata_hash_value_t){.lower = node_identity(node), .upper = 1};
  }
  uint64_t hash = 14695981039346656037u; // FNV-1a
  for (const char *at = path; *at && (at[1] || *at != '/'); at++) {
    hash = (hash ^ (uint8_t)*at) * 1099511628211u;
  }
  return (filesystem_metadata_hash_value_t){.lower = hash, .upper = 2};
}

static void set_time(filesystem_datetime_t *time, const filesystem_new_timestamp_t *given) {
  if (given->tag == FILESYSTEM_NEW_TIMESTAMP_NOW) {
    *time = memory_now();
  } else if (given->tag == FILESYSTEM_NEW_TIMESTAMP_TIMESTAMP) {
    *time = given->val.timestamp;
  }
}

error_t node_set_times(node_t node, const filesystem_new_timestamp_t *accessed,
                       const filesystem_new_timestamp_t *modified) {
  if (!node.memory) {
    return ERROR(READ_ONLY);
  }
  set_time(&node.memory->body->accessed, accessed);
  set_time(&node.memory->body->modified, modified);
  return SUCCESS;
}

// --- Descriptors -----------------------------------------------------------------------------------------------------

void filesystem_descriptor_drop_own(filesystem_own_descriptor_t handle) {
  if (!is_ours(handle.__handle)) {
    host_filesystem_descriptor_drop_own(handle);
    return;
  }
  opened_t *opened = of_handle(handle.__handle);
  if (opened->node.memory) {
    memory_release(opened->node.memory);
  } else if (!opened->path) {
    content_release(opened->node);
  }
  if (!is_first(opened)) {
    free(opened->path);
    free(opened);
  }
}

bool filesystem_method_descriptor_stat(descriptor_t self, filesystem_descriptor_stat_t *ret,
                                       filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_stat(self, ret, err);
  }
  const opened_t *opened = of_handle(self.__handle);
  *ret = directory_stat(opened->node);
  return true;
}

bool filesystem_method_descriptor_metadata_hash(descriptor_t self, filesystem_metadata_hash_value_t *ret,
                                                filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_metadata_hash(self, ret, err);
  }
  const opened_t *opened = of_handle(self.__handle);
  *ret = directory_hash(opened->node, opened->path);
  return true;
}

bool filesystem_method_descriptor_get_flags(descriptor_t self, filesystem_descriptor_flags_t *ret,
                                            filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_get_flags(self, ret, err);
  }
  *ret = ((opened_t *)of_handle(self.__handle))->flags;
  return true;
}

bool filesystem_method_descriptor_set_times(descriptor_t self, filesystem_new_timestamp_t *accessed,
                                            filesystem_new_timestamp_t *modified, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_set_times(self, accessed, modified, err);
  }
  return told(node_set_times(((opened_t *)of_handle(self.__handle))->node, accessed, modified), err);
}

bool filesystem_method_descriptor_advise(descriptor_t self, filesystem_filesize_t offset, filesystem_filesize_t length,
                                         filesystem_advice_t advice, filesystem_error_code_t *err) {
  return is_ours(self.__handle) || host_filesystem_method_descriptor_advise(self, offset, length, advice, err);
}

bool filesystem_method_descriptor_sync(descriptor_t self, filesystem_error_code_t *err) {
  return is_ours(self.__handle) || host_filesystem_method_descriptor_sync(self, err);
}

bool filesystem_method_descriptor_sync_data(descriptor_t self, filesystem_error_code_t *err) {
  return is_ours(self.__handle) || host_filesystem_method_descriptor_sync_data(self, err);
}

static bool may_write(const opened_t *opened) {
  bool is_writable = opened->node.memory || is_null(opened->node);
  return is_writable && opened->flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE;
}

static error_t resize(node_t node, uint64_t size) { return is_null(node) ? SUCCESS : memory_resize(node.memory, size); }

bool filesystem_method_descriptor_set_size(descriptor_t self, filesystem_filesize_t size,
                                           filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_set_size(self, size, err);
  }
  const opened_t *opened = of_handle(self.__handle);
  return told(may_write(opened) ? resize(opened->node, size) : ERROR(INVALID), err);
}

error_t opened_read(const opened_t *opened, uint64_t offset, uint64_t length, wasip2_list_u8_t *read) {
  if (opened->path) {
    return ERROR(IS_DIRECTORY);
  }
  if (!(opened->flags & FILESYSTEM_DESCRIPTOR_FLAGS_READ)) {
    return ERROR(BAD_DESCRIPTOR);
  }
  uint64_t size = node_size(opened->node);
  uint64_t left = offset < size ? size - offset : 0;
  read->len = (size_t)(length < left ? length : left);
  read->ptr = malloc(read->len ? read->len : 1);
  if (!read->ptr) {
    return ERROR(INSUFFICIENT_MEMORY);
  }
  if (read->len) {
    memcpy(read->ptr, content_bytes(opened->node) + offset, read->len);
  }
  return SUCCESS;
}

bool filesystem_method_descriptor_read(descriptor_t self, filesystem_filesize_t length, filesystem_filesize_t offset,
                                       wasip2_tuple2_list_u8_bool_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_read(self, length, offset, ret, err);
  }
  const opened_t *opened = of_handle(self.__handle);
  error_t error = opened_read(opened, offset, length, &ret->f0);
  ret->f1 = error == SUCCESS && offset + ret->f0.len >= node_size(opened->node);
  return told(error, err);
}

error_t opened_write(const opened_t *opened, uint64_t offset, const wasip2_list_u8_t *bytes) {
  if (!may_write(opened)) {
    return ERROR(BAD_DESCRIPTOR);
  }
  return is_null(opened->node) ? SUCCESS : memory_write(opened->node.memory, offset, bytes->ptr, bytes->len);
}

bool filesystem_method_descriptor_write(descriptor_t self, wasip2_list_u8_t *buffer, filesystem_filesize_t offset,
                                        filesystem_filesize_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_write(self, buffer, offset, ret, err);
  }
  *ret = buffer->len;
  return told(opened_write(of_handle(self.__handle), offset, buffer), err);
}
