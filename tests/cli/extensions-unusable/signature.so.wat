(module
  (@dylink.0 (mem-info) (needed "libpython3.14.so"))
  (import "env" "PyModule_Create2" (func $create (param i64) (result i32)))
  (func (export "PyInit_signature") (result i32) (call $create (i64.const 0))))
