"""`bindings` with every option."""

import importlib
import sys
from pathlib import Path

import componentize_py

Path("more.wit").write_text(
    """package my:more@1.2.0;
interface host { @unstable(feature = fresh) fresh: func(); plain: func(); }
interface guest { run: func(); }
world more { import host; export guest; }
"""
)
stages: list[str] = []
componentize_py.bindings(Path("one/two"), wit_path="more.wit", progress=stages.append)
assert stages == ["reading the WIT", "generating the bindings", "writing"], stages
assert not hasattr(importlib.import_module("componentize_py"), "wit_world")

sys.path.insert(0, "one/two")
host = importlib.import_module("wit_world.imports.host")
assert hasattr(host, "plain") and not hasattr(host, "fresh")

sys.path.insert(0, "all")
componentize_py.bindings(
    "all",
    wit_path=["more.wit", Path("wit")],
    world=("more", "hello"),
    features="fresh",
    world_module="deep.world",
    import_interface_names={"my:more/host@1.2.0": "renamed"},
    export_interface_names={"my:more/guest@1.2.0": "mine"},
)
assert hasattr(importlib.import_module("deep.world.imports.renamed"), "fresh")
assert hasattr(importlib.import_module("deep.world.exports"), "Mine")
assert hasattr(importlib.import_module("deep.world").DeepWorld, "hello")

componentize_py.bindings("full", wit_path="more.wit", full_names=True, all_features=True)
assert "fresh" in Path("full/wit_world/imports/my_more_host_1_2_0.py").read_text()
