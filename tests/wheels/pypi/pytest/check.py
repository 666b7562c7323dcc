"""pytest in the process: its own assertions, fixtures and parameters."""

import os
import tempfile

import pytest

TESTS = """
import pytest


@pytest.fixture
def number(tmp_path):
    (tmp_path / "file").write_text("7")
    return int((tmp_path / "file").read_text())


@pytest.mark.parametrize("other", [7, 8])
def test_equal(number, other):
    assert number == other


def test_raises(monkeypatch, capsys):
    monkeypatch.setenv("CHECK", "1")
    print("said")
    assert capsys.readouterr().out == "said\\n"
    with pytest.raises(ZeroDivisionError, match="division"):
        1 / 0
"""


class Reports:
    def __init__(self):
        self.outcomes = {}
        self.text = ""

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.outcomes[report.nodeid.split("::")[1]] = report.outcome
            self.text += report.longreprtext


def test_run():
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "test_it.py")
    with open(path, "w") as file:
        file.write(TESTS)
    reports = Reports()
    options = ["-q", "-p", "no:cacheprovider", f"--rootdir={folder}"]
    code = pytest.main([*options, path], plugins=[reports])
    assert code == pytest.ExitCode.TESTS_FAILED
    assert reports.outcomes == {
        "test_equal[7]": "passed",
        "test_equal[8]": "failed",
        "test_raises": "passed",
    }, reports.outcomes
    assert "assert 7 == 8" in reports.text, reports.text


def test_approx():
    assert 0.1 + 0.2 == pytest.approx(0.3) and 1 != pytest.approx(2)
