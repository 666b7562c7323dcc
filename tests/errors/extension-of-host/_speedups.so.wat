(module
  (@dylink.0 (mem-info))
  (import "acme:database/store" "get" (func (param i32) (result i32)))
  (func (export "PyInit__speedups") (result i32) i32.const 0))
