"""The contents of package directories apart from modules imported by name. Reserved for the runtime, and gone at run time."""

import os

TESTS = ("test", "testing", "tests")
# Their entry points are programs, and nothing imports those.
_PROGRAMS = ("console_scripts", "gui_scripts")


def _list(directory):
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def holds_installed(directory):
    """Returns whether an installer like pip has put packages there."""
    return any(entry.endswith(".dist-info") for entry in _list(directory))


def _identity(directory):
    try:
        status = os.stat(directory)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _above(directory):
    """The identities of the directories above: no link leads a walk back up."""
    above = {None}
    while directory := directory.rpartition("/")[0]:
        above.add(_identity(directory))
    return above


def submodules(package, directory, with_tests):
    """Names of all modules below a package's directory."""
    return _submodules(package, directory, with_tests, _above(directory) | {_identity(directory)})


def _submodules(prefix, directory, with_tests, visited):
    for entry in _list(directory):
        path, name = f"{directory}/{entry}", f"{prefix}.{entry}"
        if entry.endswith(".py") and entry != "__init__.py":
            yield name.removesuffix(".py")
        elif entry.isidentifier() and entry != "__pycache__" and os.path.isdir(path):
            identity = _identity(path)
            if identity not in visited and (with_tests or entry not in TESTS):
                visited.add(identity)
                yield name
                yield from _submodules(name, path, with_tests, visited)


def top_level_files(modules, path):
    """The directories of the outermost packages, and the files of single modules, from tuples with name, directories and file. A
    package that only collects others from several places is not taken, unless it has nothing but data."""
    places, hollow = {}, set()
    for name, directories, file in modules:
        if file:
            places.setdefault(name, list(directories) or [file])
        else:
            hollow.add(name)
    holders = {name[:end] for name in places for end, sign in enumerate(name) if sign == "."}
    for name in hollow - holders:
        portions = [f"{root}/{name.replace('.', '/')}" for root in path]
        places.setdefault(name, [portion for portion in portions if os.path.isdir(portion)])
    for name in sorted(places):
        parent = name.rpartition(".")[0]
        while parent and parent not in places:
            parent = parent.rpartition(".")[0]
        if not parent:
            yield from map(str, places[name])


def entry_points(groups, path):
    """The modules that installed packages offer under one of the names."""
    for directory in path:
        for entry in _list(str(directory)):
            if entry.endswith((".dist-info", ".egg-info")):
                yield from _modules_of(f"{directory}/{entry}/entry_points.txt", groups)


def _modules_of(file, groups):
    try:
        with open(file, encoding="utf-8") as lines:
            text = lines.read()
    except (OSError, UnicodeDecodeError):
        return
    group = None
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group in groups and group not in _PROGRAMS and "=" in line:
            # `name = module:attribute [extra]`
            yield line.partition("=")[2].partition(":")[0].partition("[")[0].strip()
