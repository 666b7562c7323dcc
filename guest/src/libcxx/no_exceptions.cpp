// What throwing and catching call in libraries that are built without exceptions: the program ends, and says what was thrown.

#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <exception>
#include <typeinfo>

#include "private_typeinfo.h"

namespace {

const char *const HINT = "hint: compile the extension with `-fwasm-exceptions -mllvm -wasm-use-legacy-eh=false`\n";

/// The thrown object as a `std::exception`, if it is one.
const std::exception *as_exception(const std::type_info *type, void *thrown) {
    using __cxxabiv1::__shim_type_info;
    auto *wanted = static_cast<const __shim_type_info *>(&typeid(std::exception));
    if (!wanted->can_catch(static_cast<const __shim_type_info *>(type), thrown)) {
        return nullptr;
    }
    return static_cast<const std::exception *>(thrown);
}

[[noreturn]] void give_up() {
    std::fputs(HINT, stderr);
    std::fflush(stderr);
    std::abort();
}

} // namespace

extern "C" {

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void *__cxa_allocate_exception(size_t size) noexcept {
    void *thrown = std::calloc(1, size);
    if (thrown == nullptr) {
        std::abort();
    }
    return thrown;
}

EXPORTED void __cxa_free_exception(void *thrown) noexcept { std::free(thrown); }

EXPORTED void __cxa_throw(void *thrown, std::type_info *type, void *(*)(void *)) {
    int status = 0;
    char *readable = abi::__cxa_demangle(type->name(), nullptr, nullptr, &status);
    const char *name = status == 0 ? readable : type->name();
    const std::exception *exception = as_exception(type, thrown);
    std::fprintf(stderr, "error: a C++ exception was thrown by a library that is built without exceptions: `%s`%s%s\n",
                 name, exception != nullptr ? ": " : "", exception != nullptr ? exception->what() : "");
    give_up();
}

EXPORTED void __cxa_rethrow() {
    std::fputs("error: a C++ exception was thrown again by a library that is built without exceptions\n", stderr);
    give_up();
}

// No exception ever arrives, so nothing of the following is reached. Handlers that were compiled name them.
EXPORTED void *__cxa_get_exception_ptr(void *) noexcept { std::abort(); }
EXPORTED void *__cxa_begin_catch(void *) noexcept { std::abort(); }
EXPORTED void __cxa_end_catch() { std::abort(); }

} // extern "C"
