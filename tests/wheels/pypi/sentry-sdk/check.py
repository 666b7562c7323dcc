"""Sentry: what would be sent for errors, messages and transactions."""

import logging

import sentry_sdk
from sentry_sdk.transport import Transport


class Kept(Transport):
    def __init__(self):
        super().__init__()
        self.items = []

    def capture_envelope(self, envelope):
        self.items += [item.payload.json for item in envelope.items if item.payload.json]


def captured(work):
    kept = Kept()
    sentry_sdk.init(dsn="https://key@example.com/1", transport=kept, traces_sample_rate=1.0, release="check@1")
    try:
        work()
        sentry_sdk.flush()
    finally:
        sentry_sdk.get_client().close()
    return kept.items


def test_exception():
    def work():
        number = 42
        try:
            1 / (number - 42)
        except ZeroDivisionError as error:
            with sentry_sdk.new_scope() as scope:
                scope.set_tag("part", "é")
                sentry_sdk.capture_exception(error)

    (event,) = captured(work)
    (found,) = event["exception"]["values"]
    frame = found["stacktrace"]["frames"][-1]
    assert found["type"] == "ZeroDivisionError" and frame["vars"]["number"] == "42", event
    assert event["tags"] == {"part": "é"} and event["release"] == "check@1"


def test_log_of_an_error():
    (event,) = captured(lambda: logging.getLogger("check").error("it is %s", "bad"))
    assert event["logentry"]["message"] == "it is %s" and event["logger"] == "check", event


def test_transaction():
    def work():
        with sentry_sdk.start_transaction(name="job"), sentry_sdk.start_span(op="step", name="one"):
            pass

    (event,) = captured(work)
    assert event["transaction"] == "job" and event["spans"][0]["op"] == "step", event
