"""dateutil: dates from text, rules that repeat, and zones."""

from datetime import datetime

from dateutil import easter, tz
from dateutil.parser import isoparse, parse
from dateutil.relativedelta import MO, relativedelta
from dateutil.rrule import rrulestr


def test_parser():
    assert parse("3rd of May 2026 4:05 pm") == datetime(2026, 5, 3, 16, 5)
    assert isoparse("2026-W01-1T10:00Z").tzinfo == tz.UTC


def test_relative():
    start = datetime(2026, 1, 31)
    assert start + relativedelta(months=1) == datetime(2026, 2, 28)
    assert start + relativedelta(weekday=MO(+1)) == datetime(2026, 2, 2)
    assert easter.easter(2026).isoformat() == "2026-04-05"


def test_rule():
    rule = rrulestr("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", dtstart=datetime(2026, 1, 1))
    assert [day.day for day in rule] == [30, 27, 27]


def test_zone():
    zone = tz.gettz("/".join(["Europe", "Zurich"]))
    assert datetime(2026, 7, 1, tzinfo=zone).utcoffset().total_seconds() == 7200
