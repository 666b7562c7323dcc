// Discards values from the host that nobody will read because lifting failed: frees their memory and drops their
// handles.
#include "runtime.h"

#define AT(item_type) (*(const item_type *)source)

void discard_handle(wit_type_t type, uint32_t handle) {
  size_t index = WIT_TYPE_INDEX(type);
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_OWN:
    runtime.resources[index].wit->drop(handle);
    break;
  case WIT_TYPE_BORROW:
    // The component that implements a resource borrows its representation, not a handle.
    if (!runtime.resources[index].exported) {
      runtime.resources[index].wit->drop(handle);
    }
    break;
  case WIT_TYPE_STREAM:
    runtime.async->discard_stream(index, handle);
    break;
  case WIT_TYPE_FUTURE:
    runtime.async->discard_future(index, handle);
    break;
  default:
    die_of_bug("a handle of a type that has none");
  }
}

void discard_string(uint8_t *bytes, size_t length) { call_free_lifted(bytes, length); }

void discard_items(const list_t *type, const uint8_t *bytes, size_t length) {
  if (WIT_TYPE_KIND(type->element) < WIT_TYPE_STRING) {
    return; // numbers own nothing
  }
  for (size_t i = 0; i < length; i++) {
    lift_discard(type->element, bytes + i * type->layout.size);
  }
}

void discard_list(const list_t *type, uint8_t *bytes, size_t length) {
  discard_items(type, bytes, length);
  call_free_lifted(bytes, length * type->layout.size);
}

static void discard_sum(const sum_t *sum, const uint8_t *source) {
  uint32_t tag = sum->tag_size == 1 ? AT(uint8_t) : sum->tag_size == 2 ? AT(uint16_t) : AT(uint32_t);
  if (tag < sum->count && sum->cases[tag].type != WIT_TYPE_EMPTY) {
    lift_discard(sum->cases[tag].type, source + sum->payload_offset);
  }
}

void lift_discard(wit_type_t type, const uint8_t *source) {
  switch (WIT_TYPE_KIND(type)) {
  case WIT_TYPE_STRING:
    discard_string((uint8_t *)AT(uintptr_t), ((const size_t *)source)[1]);
    break;
  case WIT_TYPE_LIST:
    discard_list(&runtime.lists[WIT_TYPE_INDEX(type)], (uint8_t *)AT(uintptr_t), ((const size_t *)source)[1]);
    break;
  case WIT_TYPE_RECORD:
  case WIT_TYPE_TUPLE: {
    const product_t *product = type_product(type);
    for (size_t i = 0; i < product->count; i++) {
      lift_discard(product->fields[i].type, source + product->fields[i].offset);
    }
    break;
  }
  case WIT_TYPE_VARIANT:
  case WIT_TYPE_OPTION:
  case WIT_TYPE_RESULT:
    discard_sum(type_sum(type), source);
    break;
  case WIT_TYPE_OWN:
  case WIT_TYPE_BORROW:
  case WIT_TYPE_STREAM:
  case WIT_TYPE_FUTURE:
    discard_handle(type, AT(uint32_t));
    break;
  default: // numbers, enums and flags own nothing
    break;
  }
}
