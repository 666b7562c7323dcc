// Part of a libpython that counts how often its code runs: says where the counters lie, for `cargo xtask profile`, which finds the
// mark in a component's memory. The linker names the ends of each section.
#include <stdint.h>

#define SECTION(name) extern const char __start___llvm_prf_##name[], __stop___llvm_prf_##name[]
SECTION(data);
SECTION(cnts);
SECTION(names);

// What the compiler's own runtime would define.
int __llvm_profile_runtime;
void __llvm_profile_register_function(void *function) { (void)function; }
void __llvm_profile_register_names_function(void *names, uint64_t size) { (void)names, (void)size; }

__attribute__((used, visibility("default"))) const struct {
  uint32_t mark[4];
  const char *ends[6];
} componentize_py_profile = {
    {0x50474f31, 0x9e3779b9, 0x7f4a7c15, 0x12345678},
    {__start___llvm_prf_data, __stop___llvm_prf_data, __start___llvm_prf_cnts, __stop___llvm_prf_cnts,
     __start___llvm_prf_names, __stop___llvm_prf_names},
};
