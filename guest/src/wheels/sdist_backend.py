"""Stands for the build backend of every sdist while pip fetches one: pip asks for metadata, which the sdist holds already."""

import os
import shutil
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


# Backends of packages' own are made from all of these.
get_requires_for_build_sdist = get_requires_for_build_wheel
get_requires_for_build_editable = get_requires_for_build_wheel
prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel
build_wheel = build_sdist = build_editable = _refuse
__all__ = [name for name in dir() if name.startswith(("get_requires_", "prepare_", "build_"))]
