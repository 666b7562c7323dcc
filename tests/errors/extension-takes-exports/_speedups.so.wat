(module
  (@dylink.0 (mem-info))
  (func (export "cm32p2||greet") (param i32 i32) (result i32) i32.const 0)
  (func (export "PyInit__speedups") (result i32) i32.const 0))
