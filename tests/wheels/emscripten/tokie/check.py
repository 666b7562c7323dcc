"""tokie (Rust), which opens files itself."""

import tokie


def test_missing_file():
    try:
        tokie.Tokenizer.from_json("/nothing.json")
    except tokie.TokieError as error:
        assert "No such file" in str(error), error
    else:
        raise AssertionError("there is no such file")
