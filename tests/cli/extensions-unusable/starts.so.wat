(module
  (@dylink.0 (mem-info))
  (func (export "__wasm_call_ctors") unreachable)
  (func (export "PyInit_starts") (result i32) i32.const 0))
