"""Packages that are imported in functions, find their parts by computed names, and have data."""

import datetime
from importlib import import_module, resources
from typing import Any

from attempts import attempts


def certifi() -> Any:
    import certifi

    assert certifi.contents().count("BEGIN CERTIFICATE") > 100
    assert resources.read_text("certifi", "cacert.pem") == certifi.contents()
    return certifi.where().rpartition("/")[2]


def pytz() -> Any:
    import pytz

    assert len(pytz.all_timezones) > 500 and all(pytz.timezone(name) for name in pytz.all_timezones)
    return pytz.timezone("Europe/Berlin").localize(datetime.datetime(2026, 7, 1)).isoformat()


def tzdata() -> Any:
    from zoneinfo import ZoneInfo, available_timezones

    names = available_timezones()
    assert len(names) > 500 and all(ZoneInfo(name) for name in names)
    return datetime.datetime(2026, 7, 1, tzinfo=ZoneInfo("America/Argentina/Ushuaia")).isoformat()


def unidecode() -> Any:
    from unidecode import unidecode

    return unidecode("Ünï 北京")


def idna() -> Any:
    return import_module("idna").encode("bücher.example").decode()


def six() -> Any:
    assert __import__("six").PY3
    from six.moves import urllib

    return urllib.parse.quote("ü")


def requests() -> Any:
    import requests

    return requests.Request("GET", "http://example.com/ü", params={"a": "1"}).prepare().url


WitWorld = attempts(certifi, pytz, tzdata, unidecode, idna, six, requests)
