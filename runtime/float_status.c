// Flags of floating-point errors that NumPy's extensions set and read. WebAssembly has no such flags, and each
// extension has its own copy of the code that would keep them.
__attribute__((visibility("default"))) int componentize_py_float_status;
