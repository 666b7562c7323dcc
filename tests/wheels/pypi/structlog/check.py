"""structlog: bound values, processors and JSON."""

import json

import structlog


def make(entries):
    def keep(_, __, text):
        entries.append(text)
        raise structlog.DropEvent

    return structlog.wrap_logger(
        None,
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
            keep,
        ],
    )


def test_json():
    entries = []
    log = make(entries).bind(user="é")
    log.debug("no")
    with structlog.contextvars.bound_contextvars(request=7):
        log.info("hello", n=1)
    (entry,) = map(json.loads, entries)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"user": "é", "request": 7, "n": 1, "event": "hello", "level": "info"}, entry


def test_exception():
    entries = []
    try:
        1 / 0
    except ZeroDivisionError:
        make(entries).exception("failed")
    assert "ZeroDivisionError" in json.loads(entries[0])["exception"]
