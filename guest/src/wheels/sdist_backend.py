"""Stands for the build backend of every sdist while pip fetches one: pip asks for metadata, which the sdist holds already.

Each Python that pip starts loads it as `sitecustomize`. Only in one that is to run a backend, pip names that in a variable.
"""

import os
import shutil
import sys
import types
from email.parser import HeaderParser


def prepare_metadata_for_build_wheel(folder, config_settings=None):
    with open("PKG-INFO", encoding="utf-8") as file:
        info = HeaderParser().parse(file)
    name = f"{info['Name'].replace('-', '_')}-{info['Version']}.dist-info"
    os.makedirs(os.path.join(folder, name))
    shutil.copy("PKG-INFO", os.path.join(folder, name, "METADATA"))
    return name


def get_requires_for_build_wheel(config_settings=None):
    return []


def _refuse(*arguments, **keywords):
    raise RuntimeError("nothing is built while an sdist is fetched")


def _stand_in(backend, path):
    """Takes the backend's name, and the names of the packages that it is in. pip checks that one of the project's own lies there."""
    module, _, attributes = backend.partition(":")
    names = module.split(".")
    found = types.SimpleNamespace(
        get_requires_for_build_wheel=get_requires_for_build_wheel,
        get_requires_for_build_sdist=get_requires_for_build_wheel,
        get_requires_for_build_editable=get_requires_for_build_wheel,
        prepare_metadata_for_build_wheel=prepare_metadata_for_build_wheel,
        prepare_metadata_for_build_editable=prepare_metadata_for_build_wheel,
        build_wheel=_refuse,
        build_sdist=_refuse,
        build_editable=_refuse,
    )
    for name in reversed(attributes.split(".") if attributes else []):
        found = types.SimpleNamespace(**{name: found})
    for end in range(1, len(names) + 1):
        stand_in = types.ModuleType(".".join(names[:end]))
        stand_in.__path__ = []
        stand_in.__file__ = os.path.join(path.split(os.pathsep)[0], "backend.py")
        sys.modules[stand_in.__name__] = stand_in
    vars(sys.modules[module]).update(vars(found))


for _prefix in ("_PYPROJECT_HOOKS_", "PEP517_"):
    if _prefix + "BUILD_BACKEND" in os.environ:
        _stand_in(os.environ[_prefix + "BUILD_BACKEND"], os.environ.get(_prefix + "BACKEND_PATH", ""))
