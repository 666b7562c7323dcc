"""Runs pytest in the guest and reports each test by itself.

Arguments: those of pytest. The module `wanted` names what tests import. The suite is mounted at `/suite`, and `/report` is where
`events` goes: one JSON list a line, `[OUTCOME, ID, DETAIL]`, written at once, so that a trap leaves what came before. A test
begins with the outcome `start`.
"""

import importlib
import json
import os
import sys
import typing
import warnings

import pytest
import wanted
from wit_world import exports

EVENTS = "/report/events"


def event(*parts: str) -> None:
    with open(EVENTS, "a") as file:
        file.write(json.dumps(parts) + "\n")


class Reporter:
    """A plugin of pytest."""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        event("start", nodeid, "")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            event("failed", report.nodeid, last_line(report))
        elif hasattr(report, "wasxfail"):
            # It fails as its authors expect.
            event("passed", report.nodeid, "")
        elif report.skipped:
            event("skipped", report.nodeid, report.longrepr[2] if isinstance(report.longrepr, tuple) else "")
        elif report.when == "call":
            event("passed", report.nodeid, "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            event("failed", report.nodeid, last_line(report))
        elif report.skipped:
            event("skipped", report.nodeid, report.longrepr[2] if isinstance(report.longrepr, tuple) else "")


def last_line(report: typing.Any) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    lines = (crash.message if crash else str(report.longrepr)).strip().splitlines()
    return (lines[0 if crash else -1] if lines else "")[:300]


for name in wanted.MODULES:
    importlib.import_module(name)
import plugin  # noqa: E402, F401


class Run(exports.Run):
    def run(self) -> None:
        os.chdir("/suite")
        # What the guest has no use for: faults are traps, and there are no descriptors to replace.
        options = [f"-pno:{name}" for name in ("faulthandler", "cacheprovider", "debugging")]
        options += ["--capture=sys", "--rootdir", "/suite", "-c", "/suite/pyproject.toml"]
        # Plugins of pytest are imported while building.
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        with warnings.catch_warnings():
            code = pytest.main([*options, *sys.argv[1:]], plugins=[Reporter()])
        event("end", "", code.name if isinstance(code, pytest.ExitCode) else str(code))
