"""uuid-utils (Rust): random numbers, and clocks, whose numbers are addresses in our C library."""

import time

import uuid_utils


def test_random_numbers():
    one, other = uuid_utils.uuid4(), uuid_utils.uuid4()
    assert one != other and one.version == 4


def test_time():
    first, second = uuid_utils.uuid7(), uuid_utils.uuid7()
    assert first < second and abs(first.timestamp - time.time() * 1000) < 60_000, first.timestamp


def test_names():
    assert str(uuid_utils.uuid5(uuid_utils.NAMESPACE_DNS, "python.org")) == "886313e1-3b8a-5372-9b90-0c9aee199e5d"
