"""mypy's parser: ruff's, in Rust."""

import ast_serialize


def test_parsing():
    source = "import os.path\n\ndef f(x: int) -> str:\n    return 'a' * x  # type: ignore[attr]\n"
    tree, errors, ignores, imports, about = ast_serialize.parse("m.py", source)
    assert errors == [] and ignores == [(4, ["attr"])] and about["is_partial_package"] is False
    assert b"os.path" in imports and b"int" in tree and len(about["source_hash"]) > 30


def test_platforms():
    source = "import sys\nif sys.platform == 'wasi':\n    import a_of_wasi\nelse:\n    import b_of_others\n"
    found = [ast_serialize.parse("m.py", source, platform=name)[3] for name in ("wasi", "linux")]
    assert found[0] != found[1]


def test_an_error():
    errors = ast_serialize.parse("m.py", "x = (1,\n")[1]
    assert len(errors) == 1 and errors[0]["line"] in (1, 2) and errors[0]["message"]
