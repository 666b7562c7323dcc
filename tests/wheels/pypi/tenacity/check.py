"""tenacity: functions that are tried again."""

import asyncio

import tenacity


def failing(times):
    calls = []

    def function():
        calls.append(1)
        if len(calls) <= times:
            raise OSError("not yet")
        return len(calls)

    return function


def test_tried_again():
    slept = []
    again = tenacity.retry(wait=tenacity.wait_exponential(), stop=tenacity.stop_after_attempt(5), sleep=slept.append)
    assert again(failing(2))() == 3 and slept == [1, 2], slept


def test_given_up():
    again = tenacity.retry(stop=tenacity.stop_after_attempt(2), retry=tenacity.retry_if_exception_type(OSError))
    try:
        again(failing(9))()
    except tenacity.RetryError as error:
        assert error.last_attempt.attempt_number == 2
        return
    raise AssertionError("no error")


def test_async():
    inner = failing(1)

    @tenacity.retry(wait=tenacity.wait_fixed(0.001))
    async def function():
        return inner()

    assert asyncio.run(function()) == 2
