// Streams of the content of our files, and waiting for them: the functions of `wasi:filesystem/types` that open one, of
// `wasi:io/streams` and of `wasi:io/poll`.
#include "files.h"

#include <errno.h>
#include <stdlib.h>

HOST(filesystem_method_descriptor_append_via_stream);
HOST(filesystem_method_descriptor_read_via_stream);
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
  error_t error = opened_read(stream->opened, stream->offset, length, ret);
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
  error_t error = opened_write(stream->opened, offset, contents);
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
