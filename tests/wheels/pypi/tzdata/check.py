"""tzdata: zones that nothing names while building."""

import datetime
import zoneinfo


def test_zones():
    for parts, winter, summer in [("Europe Berlin", 1, 2), ("America New_York", -5, -4), ("Asia Kolkata", 5.5, 5.5)]:
        zone = zoneinfo.ZoneInfo("/".join(parts.split()))
        for month, hours in [(1, winter), (7, summer)]:
            offset = datetime.datetime(2026, month, 1, tzinfo=zone).utcoffset()
            assert offset == datetime.timedelta(hours=hours), (parts, offset)


def test_names():
    names = zoneinfo.available_timezones()
    assert len(names) > 400 and "Pacific/Auckland" in names, len(names)


def test_unknown():
    try:
        zoneinfo.ZoneInfo("Mars/Olympus")
    except zoneinfo.ZoneInfoNotFoundError:
        return
    raise AssertionError("an unknown zone")
