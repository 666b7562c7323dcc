"""Runs pip for the guest, in the Python that pip is installed in.

Comes in: a JSON file with the settings, in which Rust says what the guest is. Goes out: the exit code of pip, or 3 and a JSON
file about a package that cannot be installed, or 4 if this pip cannot be told about the guest, or 5 if there is none.

pip has options for the tags of another platform, but none for its markers: `sys_platform` is that of the Python which runs pip.
Builds of sdists run in processes of their own, and there everything is as usual.
"""

import json
import os
import pathlib
import re
import sys


class Unfit(Exception):
    """This pip has not what is replaced here."""


class Refused(Exception):
    """A package cannot be installed. The first of them is kept, since pip catches every exception."""

    first = None

    def __init__(self, **fields):
        super().__init__(fields)
        Refused.first = Refused.first or fields


def guest_tags(settings):
    from pip._vendor.packaging import tags

    version = tuple(settings["python"][:2])
    interpreter = "cp%d%d" % version
    platforms = settings["platforms"]
    found = []
    # All of one platform before the next: an extension for any Python on WASI precedes one for Emscripten.
    for platform in platforms:
        found += tags.cpython_tags(version, abis=[interpreter], platforms=[platform])
    found += tags.compatible_tags(version, interpreter, platforms=platforms)
    return found


def teach(settings):
    """Makes this process's pip answer for the guest."""
    from pip._internal.cli import cmdoptions
    from pip._internal.models.target_python import TargetPython
    from pip._internal.resolution.resolvelib import factory
    from pip._internal.utils import compatibility_tags
    from pip._vendor.packaging import markers

    environment = settings["environment"]
    tags = guest_tags(settings)
    replaced = 0
    # The one or the other, by the version of pip.
    for name in ("get_tags", "get_sorted_tags"):
        if hasattr(TargetPython, name):
            setattr(TargetPython, name, lambda self: list(tags))
            replaced += 1
    for module in (compatibility_tags, factory):
        if hasattr(module, "get_supported"):
            module.get_supported = lambda *args, **keywords: list(tags)
            replaced += 1
    if replaced < 2 or not hasattr(cmdoptions, "check_dist_restriction"):
        raise Unfit
    # It wants `--only-binary=:all:` beside `--python-version`. Whether sdists may be built is decided before.
    cmdoptions.check_dist_restriction = lambda *args, **keywords: None
    markers.default_environment = lambda: dict(environment)
    if not markers.Marker("sys_platform == %r" % environment["sys_platform"]).evaluate():
        raise Unfit


def refuse_at_once(settings):
    """Ends the search at the first package that has nothing for the guest. Pip would try older versions of those that need it,
    for minutes, and perhaps settle on one from years ago."""
    from pip._internal.index.package_finder import PackageFinder

    build = settings["build"]
    find = PackageFinder.find_all_candidates
    choose = PackageFinder.find_best_candidate
    skip = PackageFinder._log_skipped_link
    skipped = []

    def find_or_refuse(self, name):
        skipped.clear()
        found = list(find(self, name))
        if not found:
            mine = [file for file in skipped if is_of(file, name)]
            platforms = {platform_of(file) for file in mine if file.endswith(".whl")} - {"any"}
            source = any(file.endswith((".tar.gz", ".zip")) for file in mine)
            raise Refused(kind="wheel", package=name, source=source and not build, platforms=sorted(platforms))
        return found

    def choose_or_leave(self, project_name, specifier=None, *arguments, **keywords):
        """A package that is built elsewhere has only the wheels from there: pip would build without a compiler."""
        best = choose(self, project_name, specifier, *arguments, **keywords)
        candidate = best.best_candidate
        if candidate and is_native(project_name, settings) and not candidate.link.is_wheel:
            exact = [one.version for one in specifier or () if one.operator in ("==", "===") and "*" not in one.version]
            raise Refused(kind="native", package=project_name, version=exact[0] if exact else "")
        return best

    def note(self, link, *reason):
        skipped.append(link.filename)
        return skip(self, link, *reason)

    PackageFinder.find_all_candidates = find_or_refuse
    PackageFinder.find_best_candidate = choose_or_leave
    PackageFinder._log_skipped_link = note


def normal(name):
    return re.sub("[-_.]+", "-", name.lower())


def is_native(name, settings):
    return normal(name) in settings["native"]


def is_of(file, name):
    """Directories of files have those of all packages."""
    return re.match(re.escape(normal(name)) + "-[0-9]", normal(file)) is not None


def of_lock(path, settings):
    """The requirements, each with its file and hash, for the packages of a lock file (PEP 751) that the guest needs."""
    try:
        import tomllib
    except ImportError:
        from pip._vendor import tomli as tomllib
    from pip._vendor.packaging.specifiers import SpecifierSet

    lock = tomllib.loads(path.read_text(encoding="utf-8"))
    version = ".".join(map(str, settings["python"]))
    if not str(lock.get("lock-version", "")).startswith("1."):
        raise Refused(kind="lock", reason="has no `lock-version` that begins with `1.`")
    if not SpecifierSet(lock.get("requires-python", "")).contains(version):
        raise Refused(kind="lock", reason="is for Python %s, and components have %s" % (lock["requires-python"], version))
    ranks = {str(tag): rank for rank, tag in reversed(list(enumerate(guest_tags(settings))))}
    lines = []
    for package in lock.get("packages", []):
        if is_wanted(package.get("marker"), lock, settings):
            lines.append(line_of(package, [path.parent, *settings["bases"]], ranks, settings))
    return lines


def is_wanted(marker, lock, settings):
    from pip._vendor.packaging.markers import InvalidMarker, Marker

    if marker is None:
        return True
    environment = {
        "extras": frozenset(settings["extras"]),
        "dependency_groups": frozenset(settings["groups"] or lock.get("default-groups", [])),
    }
    try:
        return Marker(marker).evaluate(environment)
    except InvalidMarker:
        raise Refused(kind="lock", reason="has markers that this pip does not know; pip 25.1 does")


def line_of(package, bases, ranks, settings):
    name = package["name"]
    if package.get("version"):
        shown = "%s %s" % (name, package["version"])
    else:
        shown = name
    best = None
    tags = []
    for wheel in package.get("wheels", []):
        file = wheel.get("name") or (wheel.get("url") or wheel["path"]).rsplit("/", 1)[-1]
        mine = tags_of(file)
        tags.append(platform_of(file))
        rank = min((ranks[tag] for tag in mine if tag in ranks), default=None)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, wheel)
    if best:
        return "%s @ %s" % (name, place(best[1], bases))
    archive = package.get("archive")
    if archive and (archive.get("url") or archive["path"]).endswith(".whl"):
        return "%s @ %s" % (name, place(archive, bases))
    source = next((package[key] for key in ("sdist", "archive", "vcs", "directory") if key in package), None)
    if source is None or not settings["build"]:
        may_be_built = source is not None or settings["sources_left_out"]
        raise Refused(kind="wheel", package=shown, source=may_be_built, platforms=sorted(set(tags)))
    if is_native(name, settings):
        built = settings["built"].get(normal(name))
        if built is None:
            raise Refused(kind="native", package=name, version=package.get("version", ""))
        return "%s @ %s" % (name, pathlib.Path(built).resolve().as_uri())
    if "vcs" in package:
        address = source.get("url") or local(source, bases)
        address = "%s+%s@%s" % (source["type"], address, source["commit-id"])
        return "%s @ %s" % (name, address + fragment(source))
    return "%s @ %s" % (name, place(source, bases))


def tags_of(file):
    """The tags in the name of a wheel, spelled out."""
    pythons, abis, platforms = file[: -len(".whl")].rsplit("-", 3)[1:]
    return [
        "-".join((python, abi, platform))
        for platform in platforms.split(".")
        for abi in abis.split(".")
        for python in pythons.split(".")
    ]


def platform_of(file):
    return file[: -len(".whl")].rsplit("-", 1)[-1]


def place(artefact, bases):
    return (artefact.get("url") or local(artefact, bases)) + fragment(artefact)


def local(artefact, bases):
    """The address of a path. It is relative to the lock file, but uv has written some relative to the project."""
    paths = [pathlib.Path(base, artefact["path"]).resolve() for base in bases]
    return next((path for path in paths if path.exists()), paths[0]).as_uri()


def fragment(artefact):
    parts = []
    hashes = artefact.get("hashes", {})
    for kind in ("sha256", "sha384", "sha512"):
        if kind in hashes:
            parts.append("%s=%s" % (kind, hashes[kind]))
            break
    if artefact.get("subdirectory"):
        parts.append("subdirectory=" + artefact["subdirectory"])
    return "#" + "&".join(parts) if parts else ""


def run(settings):
    teach(settings)
    refuse_at_once(settings)
    # What builds without a compiler is pure Python. Many packages leave out their compiled parts then.
    os.environ.update(CC="false", CXX="false")
    if settings["lock"]:
        lines = of_lock(pathlib.Path(settings["lock"]), settings)
        chosen = pathlib.Path(settings["chosen"])
        chosen.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    from pip._internal.cli.main import main

    return main(settings["arguments"])


def main():
    # One stream, so that messages keep their order.
    os.dup2(1, 2)
    try:
        import pip
    except ImportError:
        return 5
    path = pathlib.Path(sys.argv[1])
    try:
        code = run(json.loads(path.read_text(encoding="utf-8")))
    except (ImportError, AttributeError, Unfit):
        print("pip %s" % pip.__version__)
        return 4
    except Refused:
        code = 3
    if Refused.first:
        path.with_suffix(".refused").write_text(json.dumps(Refused.first), encoding="utf-8")
        return 3
    return code


if __name__ == "__main__":
    sys.exit(main())
