"""loguru: sinks, levels, context and tracebacks."""

import json

from loguru import logger


def logged(work, **options):
    lines = []
    sink = logger.add(lines.append, **options)
    try:
        work()
    finally:
        logger.remove(sink)
    return lines


def test_levels_and_context():
    def work():
        logger.debug("no")
        logger.bind(user="é").info("hello {}", "you")

    assert logged(work, level="INFO", format="{level}|{extra[user]}|{message}") == ["INFO|é|hello you\n"]


def test_traceback():
    @logger.catch
    def work():
        return 1 / 0

    (line,) = logged(work, backtrace=True, diagnose=True)
    assert "ZeroDivisionError: division by zero" in line, line


def test_serialised():
    (line,) = logged(lambda: logger.warning("x"), serialize=True)
    assert json.loads(line)["record"]["level"]["name"] == "WARNING"
