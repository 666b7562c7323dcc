"""pytz: zones loaded at run time, and changes of the clock."""

import datetime

import pytz


def test_localize():
    zone = pytz.timezone("/".join(["America", "New_York"]))
    moment = zone.localize(datetime.datetime(2026, 7, 1, 12))
    assert moment.astimezone(pytz.utc).hour == 16 and moment.tzname() == "EDT"


def test_ambiguous():
    try:
        pytz.timezone("Europe/Berlin").localize(datetime.datetime(2026, 10, 25, 2, 30), is_dst=None)
    except pytz.AmbiguousTimeError:
        return
    raise AssertionError("an hour that is twice is not noticed")


def test_names():
    assert len(pytz.all_timezones) > 400 and pytz.country_timezones("ch") == ["Europe/Zurich"]
