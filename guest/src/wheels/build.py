"""Builds one wheel by the backend that the project names, and gives it the guest's tags.

Runs in the CPython for build systems, which has been told what it builds for. Takes one argument, a JSON object: `source`, the
project; `scratch`, a folder for what the backend leaves; `target`, the folder for the wheel; `settings` for the backend; `tags` for the
wheel; `exclude`, patterns of files that stay out; `development`, patterns of those that other packages are compiled with, for a folder
of that name beside the wheel; `libraries`, shared libraries that the wheel takes along; `paths`, this machine's folders and the names
by which texts of the wheel call them. Prints the wheel's file name last.
"""

import base64
import csv
import email
import fnmatch
import hashlib
import importlib
import io
import itertools
import json
import os
import sys
import tomllib
import zipfile

SUFFIXES = (".cpython-314-wasm32-wasi.so", ".abi3.so")
WASM = b"\0asm"


def main():
    job = json.loads(sys.argv[1])
    os.makedirs(job["scratch"], exist_ok=True)
    os.chdir(job["source"])
    backend = find_backend()
    built = os.path.join(job["scratch"], backend.build_wheel(job["scratch"], job["settings"]))
    print(finish(built, job))


def find_backend():
    system = {}
    if os.path.exists("pyproject.toml"):
        with open("pyproject.toml", "rb") as file:
            system = tomllib.load(file).get("build-system", {})
    for folder in reversed(system.get("backend-path", [])):
        sys.path.insert(0, os.path.abspath(folder))
    module, _, names = system.get("build-backend", "setuptools.build_meta:__legacy__").partition(":")
    found = importlib.import_module(module)
    for name in filter(None, names.split(".")):
        found = getattr(found, name)
    return found


def finish(built, job):
    tags = job["tags"]
    with zipfile.ZipFile(built) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    keep({name: data for name, data in members.items() if matches(name, job["development"])}, job["target"])
    members = leave_out(members, job["exclude"])
    base = "-".join(os.path.basename(built).split("-")[:2])
    members = {name: call_by_other_names(data, job["paths"]) for name, data in members.items()}
    members.update(take_along(job["libraries"], base.partition("-")[0]))
    (metadata,) = (name for name in members if name.endswith(".dist-info/WHEEL"))
    folder = metadata.rpartition("/")[0]
    native = check(members)
    members[metadata] = describe(members[metadata], tags if native else None)
    del members[f"{folder}/RECORD"]
    members[f"{folder}/RECORD"] = record(members, folder)
    name = f"{base}-{tags}.whl" if native else os.path.basename(built)
    write(os.path.join(job["target"], name), members, folder)
    return name


def take_along(libraries, package):
    """Shared libraries, in a folder where they are nobody's module."""
    members = {}
    for path in libraries:
        with open(path, "rb") as file:
            members[f"{package}.libs/{os.path.basename(path)}"] = file.read()
    return members


def call_by_other_names(data, paths):
    """Build systems write down how they were called, and packages of Rust come with a list of crates by their folders."""
    if b"\0" not in data:
        for path, name in paths:
            data = data.replace(path.encode(), name.encode())
    return data


def keep(members, target):
    for name, data in members.items():
        path = os.path.join(target, "development", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)


def leave_out(members, patterns):
    """All members but those that a pattern matches. Recipes mean sources and tests by patterns, never all extensions."""
    kept = {name: data for name, data in members.items() if not matches(name, patterns)}
    extensions = [name for name, data in members.items() if data.startswith(WASM)]
    if extensions and not kept.keys() & set(extensions):
        sys.exit(f"`[[exclude]]` of the recipe leaves out all extensions, such as `{extensions[0]}`")
    return kept


def matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"{pattern}/*") for pattern in patterns)


def check(members):
    """Whether there are extensions; all of them must be for the guest."""
    found = False
    for name, data in members.items():
        if data.startswith(b"\x7fELF") or data[:4] in (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"):
            sys.exit(f"`{name}` was built for this machine, not for the guest")
        if data.startswith(WASM):
            if not name.endswith(SUFFIXES) and not os.path.basename(name).startswith("lib"):
                sys.exit(f"`{name}` is WebAssembly, but CPython of the guest does not import files called so")
            found = True
    return found


def describe(text, tags):
    """The file `WHEEL`, with our tags."""
    fields = [(key, value) for key, value in email.message_from_bytes(text).items() if key != "Tag" or not tags]
    if tags:
        fields = [(key, "false" if key == "Root-Is-Purelib" else value) for key, value in fields]
        for parts in itertools.product(*(part.split(".") for part in tags.split("-"))):
            fields.append(("Tag", "-".join(parts)))
    return "".join(f"{key}: {value}\n" for key, value in fields).encode()


def record(members, folder):
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for name in sorted(members):
        digest = base64.urlsafe_b64encode(hashlib.sha256(members[name]).digest()).rstrip(b"=").decode()
        writer.writerow([name, f"sha256={digest}", len(members[name])])
    writer.writerow([f"{folder}/RECORD", "", ""])
    return lines.getvalue().encode()


def write(path, members, folder):
    """The same members give the same bytes. What describes the wheel comes last."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members, key=lambda name: (name.startswith(f"{folder}/"), name.endswith("/RECORD"), name)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, members[name])


main()
