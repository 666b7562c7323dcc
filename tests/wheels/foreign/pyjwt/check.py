"""PyJWT does without cryptography if that cannot be imported: it counts on `ModuleNotFoundError`."""

import jwt

KEY = "a secret of thirty-two characters or more"


def test_without_cryptography():
    assert not jwt.algorithms.has_crypto


def test_there_and_back():
    token = jwt.encode({"sub": "somebody"}, KEY, algorithm="HS256")
    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {"sub": "somebody"}


def test_imported_late():
    try:
        import cryptography.hazmat.bindings._rust as _rust
    except ModuleNotFoundError as error:
        assert error.name == "cryptography.hazmat.bindings._rust", error.name
    else:
        raise AssertionError(f"{_rust} is for another platform")
