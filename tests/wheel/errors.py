"""What goes wrong is an exception of a class of its own, with a hint, and leaves nothing behind."""

import os
import pickle
import traceback
from pathlib import Path
from typing import Any

import componentize_py
from componentize_py import componentize

Path("raises.py").write_text("import os\nos.environ['MISSING']\n")
Path("broken.wit").write_text("package a:b;\nworld {\n")


def failure(**options: Any) -> componentize_py.Error:
    options = {"app": "app", "wit_path": "wit", "output": "out/app.wasm", **options}
    try:
        componentize(**options)
    except componentize_py.Error as error:
        assert not Path("out").exists()
        return error
    raise AssertionError(f"no error: {options}")


expected = {
    componentize_py.WitError: [{"world": "nope"}, {"wit_path": "missing"}, {"wit_path": "broken.wit"}],
    componentize_py.AppError: [{"app": "missing"}, {"app": "raises"}],
    componentize_py.ConfigError: [{"world_module": "app"}, {"world_module": "1"}, {"module_worlds": {"app": "hello"}}],
    componentize_py.FileError: [{"output": "app.py/x"}],
    componentize_py.UsageError: [{"module_worlds": {"": "hello"}}, {"import_interface_names": {"a": ""}}],
}
for kind, cases in expected.items():
    assert issubclass(kind, componentize_py.UserError) and kind.__module__ == "componentize_py"
    for options in cases:
        found = failure(**options)
        assert type(found) is kind, (options, repr(found))
        assert str(found) and "hint:" not in str(found), found
        # clap's own words have their hint in them.
        assert found.hint or kind is componentize_py.UsageError, (options, found)

error = failure(app="raises")
assert str(error) == "app module `raises` raised an exception while being imported"
assert error.detail and "KeyError: 'MISSING'" in error.detail and "raises.py" in error.detail
shown = "".join(traceback.format_exception(error))
assert "componentize_py.AppError: app module" in shown, shown
assert "KeyError" in shown and "hint: the app's top level runs" in shown, shown
copy = pickle.loads(pickle.dumps(error))
assert (str(copy), copy.detail, copy.hint) == (str(error), error.detail, error.hint)

assert "available worlds: `example:hello/hello`" in (failure(world="nope").hint or "")
assert not issubclass(componentize_py.InternalError, componentize_py.UserError)
assert not os.path.exists("index.wasm")

for wrong in [{"nonsense": 1}, {"wit_path": 1}, {"world": 1}]:
    try:
        componentize("app", **wrong)  # type: ignore[arg-type]
    except TypeError:
        continue
    raise AssertionError(wrong)
