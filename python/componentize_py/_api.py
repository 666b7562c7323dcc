"""Python front end: turns keyword arguments into a command line and runs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from ._errors import from_failure
from ._native import run

Path: TypeAlias = "str | os.PathLike[str]"


def componentize(
    app: str,
    *,
    interface: Literal["wsgi", "asgi"] | None = None,
    factory: bool = False,
    lifespan: Literal["request", "instance", "build", "off"] | None = None,
    warm_up: str | Iterable[str] = (),
    output: Path | None = None,
    wit_path: Path | Iterable[Path] = (),
    world: str | Iterable[str] = (),
    python_path: Path | Iterable[Path] = (),
    system_packages: bool = False,
    follow_links: Path | Iterable[Path] = (),
    module_worlds: Mapping[str, str] | None = None,
    intersect_world: str | None = None,
    include: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    stdlib: Literal["used", "all"] | None = None,
    strip_docstrings: bool = False,
    tmp_size: int | str | None = None,
    wasi: Literal["all", "world", "none"] | None = None,
    stub_wasi: bool = False,
    report: Literal["text", "json"] | None = None,
    timeout: float | None = None,
    max_memory: int | str | None = None,
    keep_names: bool = False,
    features: str | Iterable[str] = (),
    all_features: bool = False,
    full_names: bool = False,
    world_module: str | None = None,
    import_interface_names: Mapping[str, str] | None = None,
    export_interface_names: Mapping[str, str] | None = None,
    quiet: bool = True,
    verbose: bool = False,
    progress: Callable[[str], object] | None = None,
) -> None:
    """Builds a component from a Python app and its imports.

    Args:
        app: The app's module, the path of its file or package, or a web application such as `main:app`.
        interface: The interface of a web application, if its signature does not show it.
        factory: The attribute in `app` is a function that makes the web application.
        lifespan: When the startup and shutdown of an ASGI application run: around each request by default.
        warm_up: Paths that a web application answers while it is built, such as `/`.
        output: The file to write, `index.wasm` by default; its directory is created.
        wit_path: WIT file or files, or directories of them; `wit` by default.
        world: The world to target, or several, which are united; not needed if there is only one.
        python_path: Directories, wheels and ZIP files with the app and the modules it imports; `.` by default.
            What `install` has put into `deps` is searched after these, and then the packages of `VIRTUAL_ENV`, else of
            `pipenv`, of `.venv` (uv), or of the environment whose `python3` comes first.
        system_packages: Search the packages of the system's `python3` too, if no environment is found.
        follow_links: Directories that links below `python_path` may lead into, in addition to each other and the
            caches of package managers; other links are left out.
        module_worlds: The world for each Python module that brings its own WIT (`componentize-py.toml`). List a module
            after the modules it depends on.
        intersect_world: Keep only the imports and exports that this world has too.
        include: Patterns of files to take along, as in a `.gitignore`, or names of modules.
        exclude: Patterns of files to leave out.
        stdlib: The modules of the standard library in the component: those in use by default, or "all".
        strip_docstrings: Leave out the docstrings of imported modules, once they are imported.
        tmp_size: Bytes that the app may write to `/tmp` in memory, also as a string such as `16MiB`; 0 for no such
            directory.
        wasi: The WASI imports to keep: those that code can reach ("all", the default), those that the world lists
            ("world"; calls of the others get an error), or "none" (calls trap).
        stub_wasi: The same as `wasi="none"`.
        report: Print what makes up the component's size, to the process's standard output, even if `quiet`.
        timeout: Seconds for the import of the app, 300 by default; 0 for no limit.
        max_memory: Bytes that the app may use while it is imported, also as a string such as `512MiB`.
        keep_names: Keep the names of native functions, for profilers and backtraces.
        features: Include the `@unstable` items of these features.
        all_features: Include all `@unstable` items.
        full_names: Name the module of every interface after its package and version too.
        world_module: The package for the generated code, `wit_world` by default.
        import_interface_names: Python names for imported interfaces, such as `wasi:http/types@0.2.0`.
        export_interface_names: Python names for exported interfaces.
        quiet: Print nothing.
        verbose: Print what `-v` prints.
        progress: Called with the name of each stage that begins. An exception that it raises ends the build, and is
            raised here.

    Raises:
        Error: The build failed. Nothing has been written.
    """
    arguments = _world(
        wit_path,
        world,
        features,
        all_features,
        full_names,
        world_module,
        import_interface_names,
        export_interface_names,
    )
    arguments += _talk(quiet, verbose)
    arguments.append("componentize")
    arguments += _one("--interface", interface)
    arguments += _flag("--factory", factory)
    arguments += _one("--lifespan", lifespan)
    arguments += _each("--warm-up", warm_up)
    arguments += _each("--python-path", python_path)
    arguments += _flag("--system-packages", system_packages)
    arguments += _each("--follow-links", follow_links)
    arguments += _pairs("--module-worlds", module_worlds)
    arguments += _one("--intersect-world", intersect_world)
    arguments += _each("--include", include)
    arguments += _each("--exclude", exclude)
    arguments += _one("--stdlib", stdlib)
    arguments += _flag("--strip-docstrings", strip_docstrings)
    arguments += _one("--tmp-size", None if tmp_size is None else str(tmp_size))
    arguments += _one("--output", output)
    arguments += _one("--wasi", wasi)
    arguments += _flag("--stub-wasi", stub_wasi)
    arguments += _one("--report", report)
    arguments += _one("--timeout", None if timeout is None else str(timeout))
    arguments += _one("--max-memory", None if max_memory is None else str(max_memory))
    arguments += _flag("--keep-names", keep_names)
    _run([*arguments, "--", app], progress)


def bindings(
    output_dir: Path,
    *,
    wit_path: Path | Iterable[Path] = (),
    world: str | Iterable[str] = (),
    features: str | Iterable[str] = (),
    all_features: bool = False,
    full_names: bool = False,
    world_module: str | None = None,
    import_interface_names: Mapping[str, str] | None = None,
    export_interface_names: Mapping[str, str] | None = None,
    quiet: bool = True,
    verbose: bool = False,
    progress: Callable[[str], object] | None = None,
) -> None:
    """Writes the Python bindings of a world, for editors and type checkers.

    Args:
        output_dir: The directory to write to; it is created, and existing files are overwritten.
        wit_path: See `componentize`, also for the other arguments.
        world: The world or worlds.
        features: Include the `@unstable` items of these features.
        all_features: Include all `@unstable` items.
        full_names: Name modules after package and version too.
        world_module: The package to write, `wit_world` by default; may be dotted.
        import_interface_names: Python names for imported interfaces.
        export_interface_names: Python names for exported interfaces.
        quiet: Print nothing.
        verbose: Print what `-v` prints.
        progress: Called with the name of each stage that begins.

    Raises:
        Error: The bindings cannot be written.
    """
    arguments = _world(
        wit_path,
        world,
        features,
        all_features,
        full_names,
        world_module,
        import_interface_names,
        export_interface_names,
    )
    arguments += _talk(quiet, verbose)
    _run([*arguments, "bindings", "--", os.fspath(output_dir)], progress)


def install(
    project: Path | None = None,
    *,
    requirements: Path | Iterable[Path] = (),
    target: Path | None = None,
    extra: str | Iterable[str] = (),
    group: str | Iterable[str] = (),
    installer: Literal["auto", "pip", "uv"] | None = None,
    build: bool = False,
    find_links: Path | Iterable[Path] = (),
    upgrade: bool = False,
    quiet: bool = True,
    verbose: bool = False,
) -> None:
    """Installs a project's dependencies for components.

    Args:
        project: The directory with a `pylock.toml`, `uv.lock`, `pyproject.toml` or `requirements.txt`; `.` by default.
        requirements: Files with the dependencies in place of the project's.
        target: The directory to fill, `deps` in the project by default.
        extra: Extras of the project to install too.
        group: Dependency groups of the project to install too.
        installer: The program that chooses the versions; uv for projects of uv and otherwise pip by default.
        build: Build packages that have no wheel from their sources, on this machine.
        find_links: Directories or pages with more wheels.
        upgrade: Choose the versions again, even if nothing has changed here.
        quiet: Print nothing.
        verbose: Print what `-v` prints.

    Raises:
        Error: The dependencies cannot be installed. The directory is as it was.
    """
    arguments = [*_talk(quiet, verbose), "install"]
    arguments += _each("--requirements", requirements)
    arguments += _one("--target", target)
    arguments += _each("--extra", extra)
    arguments += _each("--group", group)
    arguments += _one("--installer", installer)
    arguments += _flag("--build", build)
    arguments += _each("--find-links", find_links)
    arguments += _flag("--upgrade", upgrade)
    if project is not None:
        arguments += ["--", os.fspath(project)]
    _run(arguments, None)


def wheel(
    packages: str | Iterable[str],
    *,
    output: Path | None = None,
    recipes: Path | None = None,
    quiet: bool = True,
    verbose: bool = False,
) -> None:
    """Builds wheels of packages with native code for components.

    Args:
        packages: Packages of PyPI, `NAME` or `NAME==VERSION`, and directories of projects, such as `./project`.
        output: The directory for the wheels, `wheels` by default.
        recipes: A directory with recipes that come before those of this package.
        quiet: Print nothing.
        verbose: Print what `-v` prints.

    Raises:
        Error: A package cannot be built. Wheels of those before it are there.
    """
    arguments = [*_talk(quiet, verbose), "wheel"]
    arguments += _one("--output", output)
    arguments += _one("--recipes", recipes)
    arguments += ["--", *([packages] if isinstance(packages, str) else packages)]
    _run(arguments, None)


def _world(
    wit_path: Path | Iterable[Path],
    world: str | Iterable[str],
    features: str | Iterable[str],
    all_features: bool,
    full_names: bool,
    world_module: str | None,
    import_interface_names: Mapping[str, str] | None,
    export_interface_names: Mapping[str, str] | None,
) -> list[str]:
    return [
        *_each("--wit-path", wit_path),
        *_each("--world", world),
        *_each("--features", features),
        *_flag("--all-features", all_features),
        *_flag("--full-names", full_names),
        *_one("--world-module", world_module),
        *_pairs("--import-interface-name", import_interface_names),
        *_pairs("--export-interface-name", export_interface_names),
    ]


def _talk(quiet: bool, verbose: bool) -> list[str]:
    if verbose:
        return ["--verbose"]
    return _flag("--quiet", quiet)


def _flag(option: str, wanted: bool) -> list[str]:
    return [option] if wanted else []


def _one(option: str, value: Path | None) -> list[str]:
    # With `=`, so that a value may begin with a dash.
    return [] if value is None else [f"{option}={os.fspath(value)}"]


def _each(option: str, values: Path | Iterable[Path]) -> list[str]:
    if isinstance(values, (str, os.PathLike)):
        values = [values]
    return [f"{option}={os.fspath(value)}" for value in values]


def _pairs(option: str, pairs: Mapping[str, str] | None) -> list[str]:
    return [f"{option}={key}={value}" for key, value in (pairs or {}).items()]


def _run(arguments: list[str], progress: Callable[[str], object] | None) -> None:
    failure = run(["componentize-py", *arguments], progress)
    if failure is not None:
        raise from_failure(failure)
