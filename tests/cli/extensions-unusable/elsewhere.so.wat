(module
  (@dylink.0 (mem-info))
  (func (export "PyInit_elsewhere") (result i32) (call 99)))
