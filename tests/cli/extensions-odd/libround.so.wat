(module
  (@dylink.0 (mem-info) (needed "circle.so"))
  (import "env" "start_again" (func $start_again (result i32)))
  (func (export "go_round") (result i32) (call $start_again)))
