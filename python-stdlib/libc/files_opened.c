// The functions of `wasi:filesystem/types` on an open descriptor, and the streams of its content.
#include "files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HOST(function) extern __typeof__(function) host_##function
HOST(filesystem_descriptor_drop_own);
HOST(filesystem_method_descriptor_advise);
HOST(filesystem_method_descriptor_append_via_stream);
HOST(filesystem_method_descriptor_get_flags);
HOST(filesystem_method_descriptor_metadata_hash);
HOST(filesystem_method_descriptor_read);
HOST(filesystem_method_descriptor_read_via_stream);
HOST(filesystem_method_descriptor_set_size);
HOST(filesystem_method_descriptor_set_times);
HOST(filesystem_method_descriptor_stat);
HOST(filesystem_method_descriptor_sync);
HOST(filesystem_method_descriptor_sync_data);
HOST(filesystem_method_descriptor_write);
HOST(filesystem_method_descriptor_write_via_stream);
HOST(poll_method_pollable_block);
HOST(poll_pollable_drop_own);
HOST(poll_poll);
HOST(streams_input_stream_drop_own);
HOST(streams_method_input_stream_blocking_read);
HOST(streams_method_input_stream_read);
HOST(streams_method_input_stream_subscribe);
HOST(streams_method_output_stream_blocking_flush);
HOST(streams_method_output_stream_check_write);
HOST(streams_method_output_stream_subscribe);
HOST(streams_method_output_stream_write);
HOST(streams_output_stream_drop_own);

typedef filesystem_borrow_descriptor_t descriptor_t;

filesystem_descriptor_stat_t node_stat(node_t node) {
  static const filesystem_descriptor_type_t types[] = {
      [KIND_DIRECTORY] = FILESYSTEM_DESCRIPTOR_TYPE_DIRECTORY,
      [KIND_FILE] = FILESYSTEM_DESCRIPTOR_TYPE_REGULAR_FILE,
      [KIND_LINK] = FILESYSTEM_DESCRIPTOR_TYPE_SYMBOLIC_LINK,
  };
  filesystem_datetime_t modified = node.memory && node.memory->parent ? node.memory->modified : files_build_time;
  filesystem_datetime_t accessed = node.memory && node.memory->parent ? node.memory->accessed : files_build_time;
  return (filesystem_descriptor_stat_t){
      .type = types[node_kind(node)],
      .link_count = 1,
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
  set_time(&node.memory->accessed, accessed);
  set_time(&node.memory->modified, modified);
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
  return opened->node.memory && opened->flags & FILESYSTEM_DESCRIPTOR_FLAGS_WRITE;
}

bool filesystem_method_descriptor_set_size(descriptor_t self, filesystem_filesize_t size,
                                           filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_set_size(self, size, err);
  }
  const opened_t *opened = of_handle(self.__handle);
  return told(may_write(opened) ? memory_resize(opened->node.memory, size) : ERROR(INVALID), err);
}

static error_t read_at(const opened_t *opened, uint64_t offset, uint64_t length, wasip2_list_u8_t *read) {
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
  error_t error = read_at(opened, offset, length, &ret->f0);
  ret->f1 = error == SUCCESS && offset + ret->f0.len >= node_size(opened->node);
  return told(error, err);
}

static error_t write_at(const opened_t *opened, uint64_t offset, const wasip2_list_u8_t *bytes) {
  return may_write(opened) ? memory_write(opened->node.memory, offset, bytes->ptr, bytes->len) : ERROR(BAD_DESCRIPTOR);
}

bool filesystem_method_descriptor_write(descriptor_t self, wasip2_list_u8_t *buffer, filesystem_filesize_t offset,
                                        filesystem_filesize_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_write(self, buffer, offset, ret, err);
  }
  *ret = buffer->len;
  return told(write_at(of_handle(self.__handle), offset, buffer), err);
}

// --- Streams ---------------------------------------------------------------------------------------------------------

typedef struct stream {
  const opened_t *opened; // the C library closes the stream first
  uint64_t offset;
  bool appends;
} stream_t;

// More than the C library ever asks for at once would not be slower.
#define MOST_WRITTEN (1u << 20)

// Stands for all pollables of our files: they are always ready.
static const uint64_t ready;
static bool is_ready(int32_t handle) { return handle == to_handle(&ready); }

static int stream_errno = EIO;

// The error of the stream's last operation: a `stream-error` of the host's has an error that only the host understands,
// and ours has none.
int __wasilibc_stream_errno(void) { return stream_errno; }

static bool fail_stream(error_t error, streams_stream_error_t *err) {
  switch (error) {
    case ERROR(INSUFFICIENT_SPACE):
      stream_errno = ENOSPC;
      break;
    case ERROR(INSUFFICIENT_MEMORY):
      stream_errno = ENOMEM;
      break;
    case ERROR(FILE_TOO_LARGE):
      stream_errno = EFBIG;
      break;
    case ERROR(BAD_DESCRIPTOR):
      stream_errno = EBADF;
      break;
    case ERROR(IS_DIRECTORY):
      stream_errno = EISDIR;
      break;
    default:
      stream_errno = EIO;
  }
  *err = (streams_stream_error_t){.tag = STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED};
  return false;
}

static bool open_stream(descriptor_t self, uint64_t offset, bool appends, int32_t *handle,
                        filesystem_error_code_t *err) {
  stream_t *stream = malloc(sizeof *stream);
  if (!stream) {
    return told(ERROR(INSUFFICIENT_MEMORY), err);
  }
  *stream = (stream_t){of_handle(self.__handle), offset, appends};
  *handle = to_handle(stream);
  return true;
}

bool filesystem_method_descriptor_read_via_stream(descriptor_t self, filesystem_filesize_t offset,
                                                  filesystem_own_input_stream_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_read_via_stream(self, offset, ret, err);
  }
  return open_stream(self, offset, false, &ret->__handle, err);
}

bool filesystem_method_descriptor_write_via_stream(descriptor_t self, filesystem_filesize_t offset,
                                                   filesystem_own_output_stream_t *ret, filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_write_via_stream(self, offset, ret, err);
  }
  return open_stream(self, offset, false, &ret->__handle, err);
}

bool filesystem_method_descriptor_append_via_stream(descriptor_t self, filesystem_own_output_stream_t *ret,
                                                    filesystem_error_code_t *err) {
  if (!is_ours(self.__handle)) {
    return host_filesystem_method_descriptor_append_via_stream(self, ret, err);
  }
  return open_stream(self, 0, true, &ret->__handle, err);
}

static bool read_stream(streams_borrow_input_stream_t self, uint64_t length, wasip2_list_u8_t *ret,
                        streams_stream_error_t *err) {
  stream_t *stream = of_handle(self.__handle);
  error_t error = read_at(stream->opened, stream->offset, length, ret);
  if (error != SUCCESS) {
    return fail_stream(error, err);
  }
  if (length && !ret->len) {
    free(ret->ptr);
    err->tag = STREAMS_STREAM_ERROR_CLOSED;
    return false;
  }
  stream->offset += ret->len;
  return true;
}

bool streams_method_input_stream_read(streams_borrow_input_stream_t self, uint64_t length, wasip2_list_u8_t *ret,
                                      streams_stream_error_t *err) {
  return is_ours(self.__handle) ? read_stream(self, length, ret, err)
                                : host_streams_method_input_stream_read(self, length, ret, err);
}

bool streams_method_input_stream_blocking_read(streams_borrow_input_stream_t self, uint64_t length,
                                               wasip2_list_u8_t *ret, streams_stream_error_t *err) {
  return is_ours(self.__handle) ? read_stream(self, length, ret, err)
                                : host_streams_method_input_stream_blocking_read(self, length, ret, err);
}

bool streams_method_output_stream_check_write(streams_borrow_output_stream_t self, uint64_t *ret,
                                              streams_stream_error_t *err) {
  if (!is_ours(self.__handle)) {
    return host_streams_method_output_stream_check_write(self, ret, err);
  }
  *ret = MOST_WRITTEN;
  return true;
}

bool streams_method_output_stream_write(streams_borrow_output_stream_t self, wasip2_list_u8_t *contents,
                                        streams_stream_error_t *err) {
  if (!is_ours(self.__handle)) {
    return host_streams_method_output_stream_write(self, contents, err);
  }
  stream_t *stream = of_handle(self.__handle);
  uint64_t offset = stream->appends ? node_size(stream->opened->node) : stream->offset;
  error_t error = write_at(stream->opened, offset, contents);
  if (error != SUCCESS) {
    return fail_stream(error, err);
  }
  stream->offset = offset + contents->len;
  return true;
}

bool streams_method_output_stream_blocking_flush(streams_borrow_output_stream_t self, streams_stream_error_t *err) {
  return is_ours(self.__handle) || host_streams_method_output_stream_blocking_flush(self, err);
}

void streams_input_stream_drop_own(streams_own_input_stream_t handle) {
  if (is_ours(handle.__handle)) {
    free(of_handle(handle.__handle));
  } else {
    host_streams_input_stream_drop_own(handle);
  }
}

void streams_output_stream_drop_own(streams_own_output_stream_t handle) {
  if (is_ours(handle.__handle)) {
    free(of_handle(handle.__handle));
  } else {
    host_streams_output_stream_drop_own(handle);
  }
}

// --- Waiting ---------------------------------------------------------------------------------------------------------

streams_own_pollable_t streams_method_input_stream_subscribe(streams_borrow_input_stream_t self) {
  return is_ours(self.__handle) ? (streams_own_pollable_t){to_handle(&ready)}
                                : host_streams_method_input_stream_subscribe(self);
}

streams_own_pollable_t streams_method_output_stream_subscribe(streams_borrow_output_stream_t self) {
  return is_ours(self.__handle) ? (streams_own_pollable_t){to_handle(&ready)}
                                : host_streams_method_output_stream_subscribe(self);
}

void poll_pollable_drop_own(poll_own_pollable_t handle) {
  if (!is_ready(handle.__handle)) {
    host_poll_pollable_drop_own(handle);
  }
}

void poll_method_pollable_block(poll_borrow_pollable_t self) {
  if (!is_ready(self.__handle)) {
    host_poll_method_pollable_block(self);
  }
}

// Files are ready at once, so that nothing else is waited for.
void poll_poll(poll_list_borrow_pollable_t *in, wasip2_list_u32_t *ret) {
  size_t count = 0;
  for (size_t i = 0; i < in->len; i++) {
    count += is_ready(in->ptr[i].__handle);
  }
  if (!count) {
    host_poll_poll(in, ret);
    return;
  }
  ret->len = 0;
  ret->ptr = malloc(count * sizeof *ret->ptr);
  for (size_t i = 0; ret->ptr && i < in->len; i++) {
    if (is_ready(in->ptr[i].__handle)) {
      ret->ptr[ret->len++] = (uint32_t)i;
    }
  }
}
