//! Translated modules give the results of the legacy instructions.

use wasmparser::{Validator, WasmFeatures};
use wasmtime::{Config, Engine, Instance, Module, Store};

use super::translate;

/// The outcome of a call.
#[derive(Debug, PartialEq)]
enum Outcome {
    Value(i32),
    /// No function catches the exception.
    Thrown,
    Trapped,
}
use Outcome::{Thrown, Trapped, Value};

/// Tags and functions that throw them, for all modules.
const HEAD: &str = r#"
    (tag $none) (tag $one (param i32)) (tag $two (param i32 i64))
    (global $trace (mut i32) (i32.const 0))
    (func $note (param i32)
        (global.set $trace (i32.add (i32.mul (global.get $trace) (i32.const 10)) (local.get 0))))
    (func $throw (param i32) (result i32)
        (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $one (i32.const 11))))
        (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $two (i32.const 20) (i64.const 2))))
        (if (i32.eq (local.get 0) (i32.const 3)) (then (throw $none)))
        (if (i32.eq (local.get 0) (i32.const 4)) (then unreachable))
        (local.get 0))"#;

fn today() -> WasmFeatures {
    WasmFeatures::WASM2 | WasmFeatures::EXCEPTIONS | WasmFeatures::TAIL_CALL
}

fn is_valid(features: WasmFeatures, wasm: &[u8]) -> bool {
    Validator::new_with_features(features)
        .validate_all(wasm)
        .is_ok()
}

/// Translates a module with this body of its function `f`, which takes and returns a number, and calls it.
fn outcomes(locals_and_body: &str, arguments: &[i32]) -> Vec<Outcome> {
    let text = format!(
        r#"(module {HEAD} (func (export "f") (param $x i32) (result i32) {locals_and_body}))"#
    );
    let wasm = wat::parse_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(
        is_valid(today() | WasmFeatures::LEGACY_EXCEPTIONS, &wasm),
        "{text}"
    );
    assert!(!is_valid(today(), &wasm), "nothing to translate in {text}");
    let translated = translate(&wasm).unwrap();
    Validator::new_with_features(today())
        .validate_all(&translated)
        .unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut config = Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, &translated).unwrap();
    let call = |argument: &i32| {
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let f = instance.get_typed_func::<i32, i32>(&mut store, "f");
        match f.unwrap().call(&mut store, *argument) {
            Ok(value) => Value(value),
            Err(error) if error.is::<wasmtime::Trap>() => Trapped,
            Err(_) => Thrown,
        }
    };
    arguments.iter().map(call).collect()
}

/// Arguments of `$throw`: nothing, each of the tags, a trap.
const ALL: [i32; 5] = [0, 1, 2, 3, 4];

#[test]
fn a_clause_gets_what_the_exception_carries() {
    let one = "try (result i32) local.get $x call $throw catch $one i32.const 100 i32.add end";
    assert_eq!(
        outcomes(one, &ALL),
        [Value(0), Value(111), Thrown, Thrown, Trapped]
    );
    let two = "try (result i32) local.get $x call $throw catch $two i32.wrap_i64 i32.add end";
    assert_eq!(
        outcomes(two, &ALL),
        [Value(0), Thrown, Value(22), Thrown, Trapped]
    );
    let none = "try (result i32) local.get $x call $throw catch $none i32.const 33 end";
    assert_eq!(
        outcomes(none, &ALL),
        [Value(0), Thrown, Thrown, Value(33), Trapped]
    );
}

#[test]
fn the_first_clause_that_fits_is_taken() {
    let body = "try (result i32) local.get $x call $throw
        catch $one drop i32.const 1001
        catch $two drop drop i32.const 1002
        catch $one drop i32.const 1003
        catch_all i32.const 1004 end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(1001), Value(1002), Value(1004), Trapped]
    );
    let all_alone = "try (result i32) local.get $x call $throw catch_all i32.const 7 end";
    assert_eq!(
        outcomes(all_alone, &ALL),
        [Value(0), Value(7), Value(7), Value(7), Trapped]
    );
}

#[test]
fn without_clauses_nothing_is_caught() {
    let body = "try (result i32) local.get $x call $throw end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Thrown, Thrown, Thrown, Trapped]
    );
}

#[test]
fn clauses_do_not_catch_each_others_exceptions() {
    let body = "try (result i32)
          try (result i32) local.get $x call $throw
          catch $one drop i32.const 2 call $throw
          catch $two drop drop i32.const 50
          catch_all i32.const 1 call $throw end
        catch $two drop drop i32.const 60
        catch $one drop i32.const 70 end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(60), Value(50), Value(70), Trapped]
    );
}

#[test]
fn branches_find_their_blocks() {
    // From a body and from clauses: to the `try` itself, to a block inside, to blocks and to a loop outside.
    let body = "(local $i i32)
        block $out (result i32)
          loop $again
            try $t
              local.get $i i32.const 5 i32.gt_s
              if i32.const 1000 local.get $i i32.add br $out end
              block $inner
                local.get $x br_table $inner $t 2 $again
              end
              i32.const 1 call $throw drop
            catch $one
              drop
              local.get $i i32.const 1 i32.add local.tee $i
              i32.const 3 i32.lt_s
              br_if $again
              local.get $i i32.const 3 i32.eq br_if $t
              i32.const 2000 br $out
            end
            i32.const 9 local.set $i
            local.get $x i32.eqz br_if $again
          end
          i32.const 3000
        end";
    // 0 counts to 3, leaves the clause by its own label, and comes back with 9.
    assert_eq!(outcomes(body, &[0, 1]), [Value(1009), Value(3000)]);
    let default = "block $out (result i32)
        try $t (result i32)
          i32.const 5 local.get $x br_table $t $out $t
        catch_all unreachable end
        i32.const 1 i32.add end";
    assert_eq!(
        outcomes(default, &[0, 1, 2]),
        [Value(6), Value(5), Value(6)]
    );
    let returns = "try i32.const 3 call $throw drop catch_all local.get $x return end i32.const 1";
    assert_eq!(outcomes(returns, &[42]), [Value(42)]);
}

#[test]
fn loops_take_branches_from_clauses() {
    let body = "(local $sum i32)
        loop $next (result i32)
          try (result i32)
            local.get $x call $throw
          catch $one
            local.get $sum i32.add local.set $sum
            i32.const 2 local.set $x
            br $next
          catch_all
            local.get $sum i32.const 7 i32.add local.set $sum
            local.get $sum i32.const 30 i32.lt_s br_if $next
            local.get $sum
          end
        end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(32), Value(35), Value(35), Trapped]
    );
}

#[test]
fn blocks_with_parameters_and_several_results() {
    let body = "(local $y i32) (local $z i64)
        local.get $x i64.const 8
        try (param i32 i64) (result i64 i32)
          local.set $z call $throw local.set $y local.get $z local.get $y
        catch $one
          i64.extend_i32_s i32.const 4
        catch $two
          local.set $z local.set $y local.get $z local.get $y
        catch_all
          i64.const 1 i32.const 2
        end
        local.set $y i32.wrap_i64 i32.const 100 i32.mul local.get $y i32.add";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(800), Value(1104), Value(220), Value(102), Trapped]
    );
}

#[test]
fn rethrow_throws_what_its_clause_has_caught() {
    let one = "try (result i32)
          try (result i32) local.get $x call $throw
          catch $one drop rethrow 0
          catch_all rethrow 0 end
        catch $one i32.const 200 i32.add
        catch $two i32.wrap_i64 i32.add i32.const 300 i32.add end";
    assert_eq!(
        outcomes(one, &ALL),
        [Value(0), Value(211), Value(322), Thrown, Trapped]
    );
}

#[test]
fn rethrow_reaches_out_of_inner_clauses() {
    // `x` decides which of three kept exceptions is thrown again.
    let body = "
        try (result i32)
          try $a (result i32) i32.const 1 call $throw
          catch $one
            drop
            try $b (result i32) i32.const 2 call $throw
            catch_all
              try $c (result i32) i32.const 3 call $throw
              catch_all
                block $two block $three local.get $x br_table 2 $two $three end
                  rethrow $c
                end
                rethrow $b
              end
            end
          end
        catch $one i32.const 100 i32.add
        catch $two drop drop i32.const 400
        catch_all i32.const 500 end";
    let body = body.replace(
        "local.get $x br_table 2 $two $three",
        "block $none local.get $x br_table $none $two $three end rethrow $a",
    );
    assert_eq!(
        outcomes(&body, &[0, 1, 2]),
        [Value(111), Value(400), Value(500)]
    );
}

#[test]
fn rethrow_in_a_loop_throws_the_latest() {
    let body = "(local $i i32)
        try (result i32)
          loop $next (result i32)
            try (result i32)
              local.get $i i32.const 1 i32.add local.tee $i call $throw
            catch_all
              local.get $i local.get $x i32.lt_s br_if $next
              rethrow 0
            end
          end
        catch $one
        catch $two drop drop i32.const 22
        catch $none i32.const 33 end";
    assert_eq!(
        outcomes(body, &[1, 2, 3]),
        [Value(11), Value(22), Value(33)]
    );
}

#[test]
fn exceptions_of_recursive_calls_are_kept_apart() {
    let text = r#"(module (tag $e (param i32))
        (func $f (export "f") (param $x i32) (result i32)
          try (result i32)
            local.get $x throw $e
          catch $e
            drop
            local.get $x i32.const 1 i32.sub local.set $x
            local.get $x i32.const 0 i32.gt_s
            if
              try local.get $x call $f drop catch $e drop end
            end
            rethrow 0
          end))"#;
    let outer = format!(
        r#"{} (func (export "g") (param i32) (result i32) try (result i32) local.get 0 call $f catch $e end))"#,
        &text[..text.len() - 1]
    );
    let translated = translate(&wat::parse_str(outer).unwrap()).unwrap();
    let mut config = Config::new();
    config.wasm_exceptions(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, translated).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let g = instance.get_typed_func::<i32, i32>(&mut store, "g");
    assert_eq!(g.unwrap().call(&mut store, 5).unwrap(), 5);
}

#[test]
fn delegate_passes_over_what_lies_between() {
    let body = |label: &str| {
        format!(
            "try $far (result i32)
              try $near (result i32)
                block $block (result i32)
                  try (result i32) local.get $x call $throw delegate {label}
                end
              catch $one drop i32.const 100
              catch_all i32.const 101 end
            catch $one drop i32.const 200
            catch $two drop drop i32.const 201 end"
        )
    };
    let near = [Value(0), Value(100), Value(101), Value(101), Trapped];
    assert_eq!(outcomes(&body("$near"), &ALL), near);
    assert_eq!(outcomes(&body("$block"), &ALL), near);
    assert_eq!(
        outcomes(&body("$far"), &ALL),
        [Value(0), Value(200), Value(201), Thrown, Trapped]
    );
    // The label of the function: its caller.
    assert_eq!(
        outcomes(&body("3"), &ALL),
        [Value(0), Thrown, Thrown, Thrown, Trapped]
    );
}

#[test]
fn delegate_from_a_clause_goes_past_its_try() {
    let body = |label: &str| {
        format!(
            "try $far (result i32)
              try $near (result i32)
                i32.const 3 call $throw
              catch_all
                try (result i32) local.get $x call $throw delegate {label}
              end
            catch $one drop i32.const 200
            catch_all i32.const 201 end"
        )
    };
    // `$near` does not handle exceptions of its own clauses.
    let far = [Value(0), Value(200), Value(201), Value(201), Trapped];
    assert_eq!(outcomes(&body("$near"), &ALL), far);
    assert_eq!(outcomes(&body("$far"), &ALL), far);
    assert_eq!(
        outcomes(&body("2"), &ALL),
        [Value(0), Thrown, Thrown, Thrown, Trapped]
    );
}

#[test]
fn delegates_delegate_to_each_other() {
    let body = "try $far (result i32)
          try $middle (result i32)
            try $near (result i32)
              try (result i32)
                try (result i32) local.get $x call $throw catch $none i32.const 1 call $throw end
              delegate $near
            delegate $far
          catch_all i32.const 300 end
        catch $one i32.const 400 i32.add end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(411), Thrown, Value(411), Trapped]
    );
    // `$near` is a `try` with `delegate` to the caller, past two handlers.
    let to_caller = body.replace("delegate $far", "delegate 2");
    assert_eq!(
        outcomes(&to_caller, &ALL),
        [Value(0), Thrown, Thrown, Thrown, Trapped]
    );
}

#[test]
fn delegate_to_a_try_with_parameters() {
    let body = "local.get $x
        try $far (param i32) (result i32)
          try $near (param i32) (result i32)
            try (param i32) (result i32) call $throw i32.const 1 i32.add delegate $far
            i32.const 10 i32.add
          catch_all i32.const 100 end
        catch $one i32.const 1000 i32.add end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(11), Value(1011), Thrown, Thrown, Trapped]
    );
}

#[test]
fn labels_count_as_before_after_delegate_and_clauses() {
    let body = "block $out (result i32)
          try $far (result i32)
            try $near (result i32)
              try $t (result i32)
                local.get $x i32.const 5 i32.eq if i32.const 55 br $out end
                local.get $x i32.const 6 i32.eq if i32.const 66 br $near end
                local.get $x i32.const 7 i32.eq if i32.const 77 br $t end
                local.get $x i32.const 8 i32.eq if i32.const 88 br $far end
                local.get $x call $throw
              delegate $far
              i32.const 1 i32.add
            catch_all i32.const 9 end
            i32.const 100 i32.add
          catch_all i32.const 500 br $out end
          i32.const 1000 i32.add
        end";
    assert_eq!(
        outcomes(body, &[0, 1, 5, 6, 7, 8]),
        [
            Value(1101),
            Value(500),
            Value(55),
            Value(1166),
            Value(1178),
            Value(1088)
        ]
    );
}

#[test]
fn code_that_cannot_be_reached_stays_valid() {
    let body = "try (result i32)
          local.get $x call $throw br 0
          try (result i32) unreachable catch $one rethrow 0 catch_all i32.const 1 br 1 end
        catch $one
          return
          try (result i32) i32.const 4 delegate 1
        catch_all
          i32.const 5 br 0 i32.const 6
        end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(11), Value(5), Value(5), Trapped]
    );
}

#[test]
fn effects_happen_in_order() {
    let body = "try
          try
            i32.const 1 call $note
            local.get $x call $throw drop
            i32.const 2 call $note
          catch_all
            i32.const 3 call $note
            rethrow 0
          end
          i32.const 4 call $note
        catch $one
          drop i32.const 5 call $note
        catch_all
          i32.const 6 call $note
        end
        global.get $trace";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(124), Value(135), Value(136), Value(136), Trapped]
    );
}

#[test]
fn locals_keep_their_numbers() {
    let body = "(local $a i32) (local $b i64) (local $c f32)
        i32.const 7 local.set $a
        try (result i32) local.get $x call $throw
        catch_all
          i64.const 5 local.set $b
          f32.const 2 local.set $c
          try (result i32) rethrow 1
          catch $one local.get $a i32.add
          catch_all local.get $b i32.wrap_i64 local.get $c i32.trunc_f32_s i32.mul end
        end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(0), Value(18), Value(10), Value(10), Trapped]
    );
}

#[test]
fn today_s_instructions_may_stand_beside_them() {
    let body = "try (result i32)
          block $caught (result i32)
            try_table (result i32) (catch $one $caught) local.get $x call $throw end
            i32.const 100 i32.add
          end
        catch_all i32.const 9 end";
    assert_eq!(
        outcomes(body, &ALL),
        [Value(100), Value(11), Value(9), Value(9), Trapped]
    );
}

#[test]
fn other_functions_and_sections_are_copied() {
    let text = r#"(module (tag $e) (memory 1) (data (i32.const 3) "text")
        (func $plain (export "plain") (param i32) (result i32) local.get 0 i32.const 1 i32.add)
        (func (export "f") try call $g catch_all end)
        (func $g) (@custom "note" "content"))"#;
    let wasm = wat::parse_str(text).unwrap();
    let translated = translate(&wasm).unwrap();
    for bytes in [&b"text"[..], b"content", b"plain"] {
        assert!(
            translated.windows(bytes.len()).any(|part| part == bytes),
            "{bytes:?}"
        );
    }
    let without = wat::parse_str("(module (type (func)) (func nop))").unwrap();
    assert_eq!(translate(&without).unwrap(), without);
}

/// Nesting that no compiler writes takes neither the stack nor a time that grows with its square.
#[test]
fn deep_nesting() {
    let depth = 20_000;
    let body = format!(
        "{} local.get $x call $throw {}",
        "try (result i32) ".repeat(depth),
        format!("delegate {} ", 0).repeat(depth)
    );
    let text = format!(r#"(module {HEAD} (func (export "f") (param $x i32) (result i32) {body}))"#);
    let translated = translate(&wat::parse_str(text).unwrap()).unwrap();
    assert!(is_valid(today(), &translated));
}
