"""Luau, in C++ with exceptions and libc++'s ABI 2, and with setjmp and longjmp."""

import luau_wasm


def test_a_program():
    source = """
    local function fibonacci(n) return n < 2 and n or fibonacci(n - 1) + fibonacci(n - 2) end
    local name = "Luau"
    print(`{name} {fibonacci(20)}`, string.format("%.3f", math.sin(1)), #{1, 2, 3})
    """
    assert luau_wasm.execute(source) == "Luau 6765\t0.841\t3\n"


def test_errors_are_caught_by_programs():
    assert luau_wasm.execute('print(pcall(error, "boom"))') == "false\tboom\n"
    assert luau_wasm.execute('print(select("#", pcall(function() local x = nil; return x.y end)))') == "2\n"


def test_errors_of_programs():
    for source, reason in [('error("boom")', "boom"), ("print(", "Expected")]:
        try:
            luau_wasm.execute(source)
        except luau_wasm.LuauError as error:
            assert reason in str(error), error
        else:
            raise AssertionError(source)


def test_coroutines_and_sorting():
    source = """
    local numbers = {5, 3, 9, 1}
    table.sort(numbers, function(a, b) return a > b end)
    local each = coroutine.wrap(function() for _, n in numbers do coroutine.yield(n) end end)
    print(each(), each(), each(), os.date("!%Y-%m-%d", 86400))
    """
    assert luau_wasm.execute(source) == "9\t5\t3\t1970-01-02\n"
