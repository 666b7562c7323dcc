"""Packages that read files by path when the component runs, as they do on a disk."""

import importlib.metadata
import os
import pathlib
import tempfile
import time
import zoneinfo
from typing import Any

import certifi
import jinja2
from attempts import attempts

HERE = pathlib.Path(__file__).parent
# As nltk looks for its data: a list of directories, the first that has the file wins.
DATA = [os.path.expanduser("~/nothing"), "/usr/share/nothing", str(HERE / "corpora")]


def templates() -> Any:
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)
    return environment.get_template("page.html").render(title="<Files>", items=["one", "two"])


def listed_templates() -> Any:
    return jinja2.FileSystemLoader(HERE / "templates").list_templates()


def bytecode_cache() -> Any:
    with tempfile.TemporaryDirectory() as directory:
        cache = jinja2.FileSystemBytecodeCache(directory)
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), bytecode_cache=cache)
        environment.get_template("base.html")
        return len(os.listdir(directory))


def certificates() -> Any:
    with open(certifi.where(), encoding="ascii") as file:
        text = file.read()
    return certifi.where(), text.count("BEGIN CERTIFICATE") > 100, text == certifi.contents()


def zones() -> Any:
    names = zoneinfo.available_timezones()
    return len(names) > 500, "Europe/Berlin" in names, zoneinfo.ZoneInfo("Asia/Kathmandu").key


def local_time() -> Any:
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    summer = time.localtime(1_750_000_000)
    named = summer.tm_hour, summer.tm_isdst, summer.tm_gmtoff, time.tzname, time.timezone, time.strftime("%Z", summer)
    os.environ["TZ"] = "NPT-5:45"
    time.tzset()
    described = time.localtime(0).tm_hour, time.tzname, time.timezone
    del os.environ["TZ"]
    time.tzset()
    return named, described, time.localtime(0).tm_hour, time.tzname


def versions() -> Any:
    return {name: importlib.metadata.version(name) for name in ("jinja2", "certifi", "lazy_loader", "tzdata")}


def requirements() -> Any:
    return importlib.metadata.requires("jinja2"), sorted(
        str(file) for file in importlib.metadata.files("certifi") or () if file.suffix == ".pem"
    )


def corpus() -> Any:
    found = [path for path in DATA if os.path.isdir(os.path.join(path, "words"))]
    words = [(path.name, path.read_text().split()) for path in sorted(pathlib.Path(found[0], "words").glob("*.txt"))]
    return found, words


def lazily() -> Any:
    import lazy

    return lazy.filters.NAME, lazy.total([1, 2]), sorted(lazy.__all__)


def secrets() -> Any:
    return sorted(os.listdir(HERE)), (HERE / ".env").exists()


WitWorld = attempts(
    templates,
    listed_templates,
    bytecode_cache,
    certificates,
    zones,
    local_time,
    versions,
    requirements,
    corpus,
    lazily,
    secrets,
)
