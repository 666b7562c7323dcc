import spam


def test_shout():
    assert spam.shout("ä") == "ä!"


def test_exceptions_of_c_plus_plus():
    try:
        spam.shout("")
    except ValueError as error:
        assert error.args == ("nothing to shout",)
    else:
        raise AssertionError("nothing was raised")
