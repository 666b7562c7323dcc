"""Celery: tasks that run at once, chains of them, and messages to a broker in memory."""

from celery import Celery, chain

app = Celery("check", broker="memory://", backend="cache+memory://")
app.conf.task_always_eager = True


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=1)
def failing(self):
    raise self.retry(exc=ValueError("twice"), countdown=0)


def test_task():
    assert add.delay(2, 3).get() == 5


def test_chain():
    assert chain(add.s(1, 2), add.s(10))().get() == 13


def test_retry():
    result = failing.delay()
    assert result.failed() and isinstance(result.result, ValueError), result.result


def test_message():
    app.conf.task_always_eager = False
    try:
        assert add.apply_async((1, 2)).id
    finally:
        app.conf.task_always_eager = True
