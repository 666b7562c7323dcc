// Functions of libc++ that LLVM 20 has in headers only, or not at all, and that code compiled with newer headers calls.
#include <cstddef>
#include <functional>

_LIBCPP_BEGIN_NAMESPACE_STD

// For `std::hash` of strings, since LLVM 21.
_LIBCPP_EXPORTED_FROM_ABI size_t __hash_memory(const void *bytes, size_t size) noexcept {
  return __murmur2_or_cityhash<size_t>()(bytes, size);
}

_LIBCPP_END_NAMESPACE_STD
