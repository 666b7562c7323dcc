"""Runs the frameworks' own tests in the guest: `suites.py TOOL [--sample] [NAME [FILE]...]`.

A suite is a directory `suites/NAME` with

- `requirements.txt`: the packages of the component, with versions.
- `source.txt`: the source distribution that has the tests, with its hash, as pip reads it. Nothing of it is kept here.
- `imports`: modules that the tests import, so that their packages are in the component.
- `plugin.py` (optional): what the guest replaces so that the tests can run, and why.
- `table.tsv`: how many tests of each file passed, failed and were skipped, and `exceptions.tsv`: each test that did not pass,
  with the reason. `BLESS=1` writes both and keeps the reasons; a new failure gets `?`, which is refused. The reason of a
  test that is skipped is what it says itself.
- `sample.txt` (optional): the files of an ordinary run, `--sample`.

The component is built once. Each file runs in an instance of its own.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

from run import HERE, ROOT, lines, made, packages

WORLD = "wasi:cli/command@0.2.12"
# For one file, on a slow machine.
PATIENCE = 300
OUTCOMES = ("passed", "failed", "skipped")
TABLE = ("file", *OUTCOMES)
EXCEPTIONS = ("test", "outcome", "reason")


class Result(NamedTuple):
    outcome: str
    detail: str


def source(suite: Path) -> Path:
    """The directory with the tests and their settings."""

    def unpack(target: Path) -> None:
        with tempfile.TemporaryDirectory() as directory:
            quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=:all:"]
            pip = [sys.executable, "-m", "pip", "download", *quiet, "-d", directory, "-r", str(suite / "source.txt")]
            subprocess.run(pip, check=True)
            (archive,) = Path(directory).glob("*.tar.gz")
            with tarfile.open(archive) as file:
                file.extractall(directory)
            (root,) = (path for path in Path(directory).iterdir() if path.is_dir())
            target.mkdir()
            shutil.copytree(root / "tests", target / "tests")
            shutil.copy(root / "pyproject.toml", target)

    return made(["source", *lines(suite / "source.txt")], unpack)


def build(tool: str, suite: Path, directory: Path) -> Path:
    component = directory / "suite.wasm"
    line = [tool, "-q", "-d", str(ROOT / "wit/wasi-0.2"), "-w", WORLD, "componentize", "driver", "--stdlib", "all"]
    app = directory / "app"
    app.mkdir()
    shutil.copy(HERE / "suites/driver.py", app)
    (app / "wanted.py").write_text(f"MODULES = {lines(suite / 'imports')}\n")
    (app / "plugin.py").touch()
    if (suite / "plugin.py").exists():
        shutil.copy(suite / "plugin.py", app)
    for path in (app, *packages(suite)):
        line += ["-p", str(path)]
    subprocess.run([*line, "-o", str(component)], check=True)
    return component


def run(tool: str, component: Path, tests: Path, file: str) -> Dict[str, Result]:
    """The result of each test of a file, by its name."""
    with tempfile.TemporaryDirectory() as report:
        line = [tool, "run", "--dir", f"{tests}::/suite:ro", "--dir", f"{report}::/report"]
        line += ["--timeout", str(PATIENCE), "--env", "HOME=/tmp", str(component), "-q", "--tb=short", f"tests/{file}"]
        ended = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        log = ended.stdout.decode(errors="replace")
        if os.environ.get("VERBOSE"):
            print(log)
        events = Path(report, "events")
        return read(file, events.read_text() if events.exists() else "", log)


def read(file: str, events: str, log: str) -> Dict[str, Result]:
    """From what the driver wrote. A test that fails in its set-up or clean-up has failed."""
    ended = Result("failed", "the component ended in it")
    found: Dict[str, Result] = {}
    last = detail = ""
    for line in events.splitlines():
        last, test, detail = json.loads(line)
        if last == "start":
            found[test] = ended
        elif last != "end" and (found.get(test, ended) is ended or last == "failed"):
            found[test] = Result(last, detail)
    if last != "end" or detail not in ("OK", "TESTS_FAILED"):
        print(log)
        found[f"tests/{file}"] = Result("failed", f"pytest did not come to its end: {detail}")
    return found


def table_of(results: Dict[str, Dict[str, Result]]) -> List[Tuple[str, ...]]:
    rows: List[Tuple[str, ...]] = []
    for file, tests in sorted(results.items()):
        count = Counter(result.outcome for result in tests.values())
        rows.append((file, *(str(count[outcome]) for outcome in OUTCOMES)))
    return rows


def exceptions_of(results: Dict[str, Dict[str, Result]], reasons: Dict[str, str]) -> List[Tuple[str, ...]]:
    rows: List[Tuple[str, ...]] = []
    for tests in results.values():
        for test, result in tests.items():
            if result.outcome != "passed":
                reason = result.detail if result.outcome == "skipped" else reasons.get(test, "?")
                rows.append((test, result.outcome, reason.removeprefix("Skipped: ")))
    return sorted(rows)


def read_tsv(path: Path) -> List[Tuple[str, ...]]:
    with path.open(newline="") as file:
        return [tuple(row) for row in csv.reader(file, "excel-tab")][1:]


def write_tsv(path: Path, head: Tuple[str, ...], rows: List[Tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, "excel-tab", lineterminator="\n").writerows([head, *rows])


def file_of(test: str) -> str:
    return test.partition("::")[0].removeprefix("tests/")


def check(tool: str, suite: Path, wanted: List[str]) -> bool:
    tests = source(suite)
    every = sorted(str(path.relative_to(tests / "tests")) for path in (tests / "tests").rglob("test_*.py"))
    every = [name for name in every if not name.startswith(("test_apps/", "type_check/"))]
    files = wanted or every
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(os.cpu_count()) as pool:
        component = build(tool, suite, Path(directory))
        found = pool.map(lambda file: run(tool, component, tests, file), files)
        results = dict(zip(files, found))
    kept = read_tsv(suite / "exceptions.tsv") if (suite / "exceptions.tsv").exists() else []
    table, exceptions = table_of(results), exceptions_of(results, {test: reason for test, _, reason in kept})
    details = {test: result.detail for tests_of_file in results.values() for test, result in tests_of_file.items()}
    if os.environ.get("BLESS"):
        old = read_tsv(suite / "table.tsv") if (suite / "table.tsv").exists() else []
        table = sorted(table + [row for row in old if row[0] not in results and row[0] in every])
        exceptions = sorted(exceptions + [row for row in kept if file_of(row[0]) not in results])
        write_tsv(suite / "table.tsv", TABLE, table)
        write_tsv(suite / "exceptions.tsv", EXCEPTIONS, exceptions)
    expected = {row for row in read_tsv(suite / "table.tsv") if row[0] in results}
    expected |= {row for row in read_tsv(suite / "exceptions.tsv") if file_of(row[0]) in results}
    now = {row for row in (*table, *exceptions) if file_of(row[0]) in results or row[0] in results}
    for row in sorted(expected - now):
        print("-", *row, sep="\t")
    for row in sorted(now - expected):
        print("+", *row, details.get(row[0], ""), sep="\t")
    unexplained = [row[0] for row in now if row[-1] == "?"]
    for test in unexplained:
        print(f"{test} has no reason: {details[test]}")
    total = Counter(result.outcome for tests_of_file in results.values() for result in tests_of_file.values())
    print(f"{suite.name}:", ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES), flush=True)
    return expected == now and not unexplained


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("name", nargs="?")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--sample", action="store_true")
    options = parser.parse_args()
    suites = [path.parent for path in sorted(HERE.glob("suites/*/source.txt")) if options.name in (None, path.parent.name)]
    if options.sample:
        suites = [suite for suite in suites if (suite / "sample.txt").exists()]
    assert suites, f"there is no suite `{options.name}`"
    good = [
        check(options.tool, suite, lines(suite / "sample.txt") if options.sample else options.files) for suite in suites
    ]
    if not all(good):
        raise SystemExit("not as the tables say; BLESS=1 writes what they say")


if __name__ == "__main__":
    main()
