(module
  (@dylink.0 (mem-info))
  (func (export "PyInit_invalid") (result i32) (call 99)))
