(module
  (@dylink.0 (mem-info))
  (import "env" "_ZNSt3__25mutex6unlockEi" (func (param i32 i32) (result i32)))
  (func (export "PyInit__speedups") (result i32) i32.const 0))
