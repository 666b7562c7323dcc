"""cffi without a compiler: memory, structs, functions of the C library and of an extension, callbacks."""

import _cffi_backend
from cffi import CDefError, FFI

ffi = FFI()
ffi.cdef("""
    typedef struct point { int x; double y; char name[8]; struct point *next; } point_t;
    typedef union { uint32_t whole; uint8_t part[4]; } word_t;
    enum colour { RED, GREEN = 5, BLUE };
    size_t strlen(const char *);
    double pow(double, double);
    long long atoll(const char *);
    int snprintf(char *, size_t, const char *, ...);
    void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
""")
libc = ffi.dlopen(None)


def raises(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


def test_the_backend_is_native():
    assert _cffi_backend.__file__.endswith(".so")
    assert ffi.sizeof("void *") == 4 and ffi.sizeof("long long") == 8


def test_memory():
    first = ffi.new("point_t *", {"x": 7, "y": 2.5, "name": b"one"})
    second = ffi.new("point_t *", {"next": first})
    assert (second.next.x, second.next.y, ffi.string(first.name)) == (7, 2.5, b"one")
    assert ffi.offsetof("point_t", "y") == 8 and ffi.sizeof("point_t") == 32
    numbers = ffi.new("int[]", [1, 2, 3])
    assert list(numbers) == [1, 2, 3] and bytes(ffi.buffer(numbers))[4:8] == b"\2\0\0\0"
    word = ffi.new("word_t *", {"whole": 0x01020304})
    assert list(word.part) == [4, 3, 2, 1]
    shared = bytearray(4)
    ffi.from_buffer("uint32_t[]", shared)[0] = 0xFFFFFFFF
    assert shared == b"\xff" * 4


def test_types():
    assert ffi.typeof("enum colour").elements == {0: "RED", 5: "GREEN", 6: "BLUE"}
    assert int(ffi.cast("uint8_t", 300)) == 44 and int(ffi.cast("enum colour", 5)) == libc.GREEN
    assert ffi.getctype("point_t", "*[3]") == "point_t *[3]"
    raises(OverflowError, ffi.new, "uint8_t *", 256)
    raises(TypeError, ffi.new, "int *", "text")
    raises(IndexError, ffi.new("int[2]").__getitem__, 2)


def test_functions_of_the_c_library():
    assert libc.strlen(b"hello") == 5
    assert libc.pow(2.0, 10.0) == 1024.0
    assert libc.atoll(b"-9000000000") == -9_000_000_000
    text = ffi.new("char[]", 40)
    assert libc.snprintf(text, 40, b"%s %d %.2f", ffi.new("char[]", b"pi"), ffi.cast("int", 3), ffi.cast("double", 3.14159)) == 9
    assert ffi.string(text) == b"pi 3 3.14"


def test_callbacks():
    numbers = ffi.new("int[]", [3, 1, 2])
    calls = []

    @ffi.callback("int(const void *, const void *)")
    def compare(a, b):
        calls.append(1)
        return ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0]

    libc.qsort(numbers, 3, 4, compare)
    assert list(numbers) == [1, 2, 3] and calls
    triple = ffi.callback("long long(long long)", lambda n: n * 3)
    assert triple(2**40) == 3 * 2**40
    fails = ffi.callback("int(int)", lambda n: 1 // n, error=-1, onerror=lambda *_: calls.clear())
    assert fails(0) == -1 and not calls and fails(1) == 1


def test_callbacks_are_a_supply():
    for _ in range(50):
        assert ffi.callback("int(void)", lambda: 4)() == 4
    kept = []
    message = raises(NotImplementedError, lambda: [kept.append(ffi.callback("int(void)", lambda: 0)) for _ in range(100)])
    assert "no more functions of this type" in message and len(kept) == 8
    assert "no functions of this type" in raises(NotImplementedError, ffi.callback, "float(float, float, float)", lambda *_: 0)


def test_handles_and_owners():
    value = {"a": 1}
    handle = ffi.new_handle(value)
    assert ffi.from_handle(ffi.cast("void *", handle)) is value
    freed = []
    owner = ffi.gc(ffi.new("int *", 1), lambda _: freed.append(1))
    del owner
    assert freed == [1]


def test_refusals():
    wrong = FFI()
    wrong.cdef("double strlen(const char *); int no_such_function(int); float odd(float, float, float, float, float);")
    library = wrong.dlopen(None)
    assert "the function has the WebAssembly type (i32) -> i32" in raises(TypeError, library.strlen, b"x")
    assert "no_such_function" in raises(AttributeError, lambda: library.no_such_function)
    address = wrong.cast("float(*)(float, float, float, float, float)", 1)
    assert "components cannot call functions" in raises(NotImplementedError, address, 1, 2, 3, 4, 5)
    assert "libnothing.so" in raises(OSError, wrong.dlopen, "libnothing.so")


def test_parsing():
    other = FFI()
    other.cdef("#define SIZE 12\ntypedef int (*callback_t)(void *, int);\nstruct s { callback_t call; int bits : 3; };")
    assert other.sizeof("struct s") == 8
    assert other.typeof("callback_t").args[1] is other.typeof("int")
    raises(CDefError, other.cdef, "this is no C;")
