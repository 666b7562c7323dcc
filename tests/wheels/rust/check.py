import eggs


def test_count():
    assert eggs.count("a b a") == {"a": 2, "b": 1}


def test_errors():
    try:
        eggs.count("")
    except ValueError as error:
        assert error.args == ("no words",)
    else:
        raise AssertionError("nothing was raised")


def test_the_stable_interface_is_what_it_is_built_for():
    assert eggs.eggs.__file__.endswith(".abi3.so"), eggs.eggs.__file__
