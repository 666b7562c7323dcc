// `setjmp` and `longjmp`, as the compiler of Emscripten calls them: a jump is an exception with the tag `__c_longjmp`, which the
// linker of the component defines. A library of its own, since hosts must have WebAssembly's exceptions for it.
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

// The compiler's number of the tag.
enum { C_LONGJMP = 1 };

// What the code that catches the exception reads.
typedef struct {
  void *place;
  int value;
} jump_t;

// The beginning of a `jmp_buf`.
typedef struct {
  void *invocation;
  uint32_t label;
  jump_t jump;
} place_t;

// A function that calls `setjmp` has a label for each call, and an address that is another one in each of its invocations.
EXPORTED void __wasm_setjmp(place_t *place, uint32_t label, void *invocation) {
  place->invocation = invocation;
  place->label = label;
}

// The label of the call that a jump goes to, or 0 if it goes to another function or invocation.
EXPORTED uint32_t __wasm_setjmp_test(const place_t *place, const void *invocation) {
  return place->invocation == invocation ? place->label : 0;
}

EXPORTED void __wasm_longjmp(place_t *place, int value) {
  place->jump.place = place;
  place->jump.value = value ? value : 1;
  __builtin_wasm_throw(C_LONGJMP, &place->jump);
}
