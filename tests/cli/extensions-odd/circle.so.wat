(module
  (@dylink.0 (mem-info) (needed "libround.so"))
  (import "env" "go_round" (func $round (result i32)))
  (func (export "start_again") (result i32) i32.const 0)
  (func (export "PyInit_circle") (result i32) (call $round)))
