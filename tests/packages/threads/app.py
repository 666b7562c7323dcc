"""Packages that start threads, of a pool or their own."""

import asyncio
import datetime
import threading
from typing import Any, List

import anyio
import anyio.from_thread
import anyio.to_thread
import prometheus_client
import sentry_sdk
from apscheduler.schedulers.background import BackgroundScheduler
from attempts import attempts
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


def work(number: int) -> Any:
    return number * 2, threading.current_thread().name, threading.current_thread() is threading.main_thread()


def anyio_threads() -> Any:
    async def main() -> Any:
        results = [await anyio.to_thread.run_sync(work, 1), await anyio.to_thread.run_sync(work, 2)]
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(anyio.to_thread.run_sync, results.append, number)
        try:
            await anyio.to_thread.run_sync(int, "x")
        except ValueError as error:
            results.append(str(error))
        return results

    return anyio.run(main), threading.active_count()


def endpoint(request: Any) -> PlainTextResponse:
    return PlainTextResponse(f"hello from {threading.current_thread().name}")


def starlette() -> Any:
    application = Starlette(routes=[Route("/", endpoint)])
    sent: List[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b"", "scheme": "http"}
    asyncio.run(application({**scope, "server": ("localhost", 80), "http_version": "1.1", "root_path": ""}, receive, send))
    return sent[0]["status"], sent[1]["body"]


def from_thread() -> Any:
    """The event loop waits for the thread, so the thread cannot wait for the event loop."""

    async def main() -> None:
        await anyio.to_thread.run_sync(anyio.from_thread.run, anyio.sleep, 0)

    anyio.run(main)


def scheduler() -> Any:
    called: List[str] = []
    background = BackgroundScheduler(timezone=datetime.timezone.utc)
    background.start()
    background.add_job(called.append, args=["at once"])
    background.wakeup()
    background.shutdown()
    return called


def metrics() -> Any:
    registry = prometheus_client.CollectorRegistry()
    counter = prometheus_client.Counter("calls", "Calls", registry=registry)
    counter.inc()
    return prometheus_client.generate_latest(registry).decode().splitlines()[2]


def sentry() -> Any:
    events: List[Any] = []

    class Transport(sentry_sdk.transport.Transport):
        def __init__(self, options: Any = None) -> None:
            super().__init__(options)
            self.worker = sentry_sdk.worker.BackgroundWorker()

        def capture_envelope(self, envelope: Any) -> None:
            self.worker.submit(lambda: events.append((envelope.get_event()["message"], threading.current_thread().name)))

    sentry_sdk.init(dsn="https://key@localhost/1", transport=Transport, default_integrations=False)
    sentry_sdk.capture_message("seen")
    return events


WitWorld = attempts(anyio_threads, starlette, from_thread, scheduler, metrics, sentry)
