(module
  (@dylink.0 (mem-info))
  (import "env" "localtime_r" (func (param i32 i32) (result i32)))
  (func (export "PyInit__speedups") (result i32) i32.const 0))
