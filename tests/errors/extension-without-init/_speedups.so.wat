(module
  (@dylink.0 (mem-info))
  (func (export "PyInit__other") (result i32) i32.const 0))
