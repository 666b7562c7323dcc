"""The lifespan of an ASGI application: its startup before requests, and its shutdown."""

from __future__ import annotations

import asyncio
from typing import Any

from ._errors import ApplicationError, complain, report

# When startup and shutdown run.
MODES = ("request", "instance", "build", "off")
VERSION = {"version": "3.0", "spec_version": "2.0"}


class StartupFailed(Exception):
    """The application says that it cannot start. That is reported already."""


class Lifespan:
    """`request`: startup before a request, and shutdown when no request is left. `instance`: startup before the first request
    of an instance; the host does not tell when it drops the instance, so shutdown never runs. `build`: the same, but startup
    runs while the component is built, and its outcome is part of the component. `off`: none of it.
    """

    def __init__(self, app: Any, mode: str) -> None:
        if mode not in MODES:
            raise ValueError(f"`lifespan` must be one of {', '.join(MODES)}, not {mode!r}")
        self.app = app
        self.mode = mode
        self.state: dict[str, Any] = {}
        # Requests that are being answered.
        self.running = 0
        self.is_started = mode == "off"
        self.starting: asyncio.Future[None] | None = None
        self.current: Run | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    async def enter(self) -> None:
        """Runs before each request. Raises `StartupFailed`."""
        if not self.is_started:
            # Of several requests that come at once, the first starts and the others wait.
            if self.starting is None:
                await self.startup()
            else:
                await asyncio.shield(self.starting)
        self.running += 1

    async def leave(self) -> None:
        """Runs after each request."""
        self.running -= 1
        if self.mode == "request" and not self.running and self.current is not None:
            run, self.current = self.current, None
            self.is_started = False
            await run.end()

    def start_while_building(self, loop: asyncio.AbstractEventLoop) -> None:
        """The startup of `build`. Its task waits in that loop for ever."""
        self.loop = loop
        try:
            loop.run_until_complete(self.startup())
        except StartupFailed as error:
            hint = "what it needs may be there at run time only: see `lifespan`"
            raise ApplicationError("startup", str(error), hint) from None

    async def startup(self) -> None:
        self.state = {}
        run = Run(self.app, self.state)
        self.starting = run.starting
        try:
            await asyncio.shield(run.starting)
            self.is_started = True
            # An application without a lifespan has none that could end.
            self.current = run if not run.task.done() else None
        finally:
            self.starting = None


class Run:
    """One lifespan: the application's call and the messages to it."""

    def __init__(self, app: Any, state: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self.starting: asyncio.Future[None] = loop.create_future()
        self.ending: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.asked = False
        self.task = loop.create_task(self._call(app, state))

    async def end(self) -> None:
        self.ending.set_result(None)
        await self.ended

    async def _call(self, app: Any, state: dict[str, Any]) -> None:
        failure = None
        try:
            await app({"type": "lifespan", "asgi": VERSION, "state": state}, self._receive, self._send)
        except Exception as error:
            failure = error
        if not self.starting.done():
            # As other servers do: whatever it was, the application does not know this kind of scope.
            self.starting.set_result(None)
        elif failure is not None and self.starting.exception() is None:
            report(failure)
        if not self.ended.done():
            self.ended.set_result(None)

    async def _receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "lifespan.startup"}
        await asyncio.shield(self.ending)
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: dict[str, Any]) -> None:
        _, phase, outcome = message["type"].split(".")
        future = {"startup": self.starting, "shutdown": self.ended}[phase]
        if future.done() or outcome not in ("complete", "failed"):
            raise RuntimeError(f"the application sent `{message['type']}` in its lifespan")
        if outcome == "failed":
            complain(message.get("message", "").rstrip() or f"the application said that its {phase} failed")
        if outcome == "failed" and phase == "startup":
            future.set_exception(StartupFailed("the application's startup failed"))
        else:
            future.set_result(None)
