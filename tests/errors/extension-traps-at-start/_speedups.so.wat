(module
  (@dylink.0 (mem-info))
  (func (export "__wasm_call_ctors") unreachable)
  (func (export "PyInit__speedups") (result i32) i32.const 0))
