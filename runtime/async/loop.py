"""The event loop of components with asynchronous functions.

There is one loop, so that locks and queues work between calls. Each call of an asynchronous export is a task of the
Component Model with a waitable set of its own: what its coroutines wait for is in its set, what they schedule is in its
queue and runs while the host runs that task. A call that makes another one ready wakes it. Reserved for the runtime.
"""

import asyncio
import contextvars
import heapq
import sys
import time
import traceback
from collections import deque

import _componentize_py_async as abi
import componentize_py_runtime

# The callback's answers, and the events that it gets ("Canonical ABI": callback codes, events).
EXIT, YIELD, WAIT = 0, 1, 2
NO_EVENT, SUBTASK, CANCELLED = 0, 1, 6
SUBTASK_RETURNED = 2

# Rounds of ready callbacks before the host and other calls get their turn.
ROUNDS = 64
# Without an asynchronous clock, a timer naps for this many seconds at a time: other calls run in between.
NAP = 0.001
# A timer that is further away is checked again after this many seconds.
LONGEST = 86400.0

_owner = contextvars.ContextVar("componentize_py_call")
_calls = set()
_waiting = {}
_spawned = set()


class Call:
    """One running call of an asynchronous export, with what it spawned."""

    def __init__(self, which, borrows):
        self.which = which
        self.borrows = borrows
        self.main = None
        self.returned = False
        self.cancelled = False
        self.ended = False
        self.ready = deque()
        self.timers = []
        self.dead_timers = 0
        self.operations = 0
        self.set = 0
        self.clock = None
        self.woken = False

    def join(self, waitable):
        if not self.set:
            self.set = abi.set_new()
        abi.join(waitable, self.set)

    def wake(self):
        """Called while it waits."""
        if self.set and not self.woken:
            self.woken = True
            abi.wake(self.set)

    def next_timer(self):
        while self.timers and self.timers[0]._cancelled:
            heapq.heappop(self.timers)._scheduled = False
            self.dead_timers -= 1
        return self.timers[0]._when if self.timers else None

    def expire_timers(self):
        when = self.next_timer()
        now = loop.time() if when is not None else 0
        while when is not None and when <= now:
            timer = heapq.heappop(self.timers)
            timer._scheduled = False
            self.ready.append(timer)
            when = self.next_timer()

    def forget_dead_timers(self):
        self.timers = [timer for timer in self.timers if not timer._cancelled]
        heapq.heapify(self.timers)
        self.dead_timers = 0


class Waiter:
    """The receiver of the event: a future, or nobody."""

    __slots__ = ("call", "operation", "future")

    def __init__(self, call, operation, future):
        self.call = call
        self.operation = operation
        self.future = future


class Timer(asyncio.TimerHandle):
    """A timer that knows its call."""

    __slots__ = ("call",)


class Loop(asyncio.BaseEventLoop):
    """The loop in asyncio's terms."""

    # The call that runs now.
    current = None

    def __init__(self):
        super().__init__()
        # Callbacks that were scheduled while no call could run them.
        self.orphans = []

    def _owner_of(self, handle):
        call = handle._context.get(_owner)
        if call is None or call.ended:
            call = self.current or next(iter(_calls), None)
        return call

    def _schedule(self, handle):
        call = self._owner_of(handle)
        if call is None:
            self.orphans.append(handle)
            return handle
        if isinstance(handle, Timer):
            if call.dead_timers > 100 and call.dead_timers * 2 > len(call.timers):
                call.forget_dead_timers()
            heapq.heappush(call.timers, handle)
            handle._scheduled = True
            handle.call = call
        else:
            call.ready.append(handle)
        if call is not self.current:
            call.wake()
        return handle

    def call_soon(self, callback, *args, context=None):
        return self._schedule(asyncio.Handle(callback, args, self, context))

    call_soon_threadsafe = call_soon

    def call_at(self, when, callback, *args, context=None):
        if when is None:
            raise TypeError("when cannot be None")
        return self._schedule(Timer(when, callback, args, self, context))

    def _timer_handle_cancelled(self, handle):
        if handle._scheduled:
            handle.call.dead_timers += 1

    def is_running(self):
        return self.current is not None

    def run_forever(self):
        raise RuntimeError("this event loop runs while asynchronous exports are called: `await` instead of starting it")

    def run_until_complete(self, future):
        if asyncio.iscoroutine(future):
            future.close()
        self.run_forever()

    def stop(self):
        self.run_forever()

    def close(self):
        """The loop lives as long as the instance."""


loop = Loop()
asyncio.set_event_loop(loop)


# --- Calls of asynchronous exports, from task.c -------------------------------------------------------------------


async def _as_coroutine(value):
    """The result of a function that is not `async def`."""
    return await value if hasattr(value, "__await__") else value


def begin(which, coroutine, borrows):
    """Begins a call; returns the callback's code."""
    call = Call(which, borrows)
    _calls.add(call)
    abi.context_set(call)
    context = contextvars.copy_context()
    context.run(_owner.set, call)
    loop.current = call
    orphans, loop.orphans = loop.orphans, []
    for handle in orphans:
        loop._schedule(handle)
    if not asyncio.iscoroutine(coroutine):
        coroutine = _as_coroutine(coroutine)
    call.main = asyncio.Task(coroutine, loop=loop, context=context)
    call.main.add_done_callback(_return, context=context)
    return _run(call)


def resume(call, event, waitable, code):
    """Handles an event of the host for the call; returns the callback's code."""
    loop.current = call
    if event == NO_EVENT:
        _poll(call.set)
    else:
        _deliver(event, waitable, code, call)
    return _run(call)


def _return(main):
    call = _owner.get()
    call.returned = True
    # The task's context refers to the call. Otherwise its result and resources would live until the next collection.
    call.main = None
    if main.cancelled() and call.cancelled:
        abi.task_cancel(call.borrows)
    else:
        error = _error_of(main)
        if error is None:
            abi.task_return(call.which, call.borrows, main.result())
        else:
            abi.task_raise(call.which, call.borrows, error)
    call.borrows = None


def _error_of(main):
    """The exception that left the coroutine, with the traceback that it had there."""
    if not main.cancelled():
        return main.exception()
    try:
        main.result()
    except asyncio.CancelledError as error:
        return error.with_traceback(error.__traceback__.tb_next)


def _run(call):
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=loop._asyncgen_firstiter_hook, finalizer=loop._asyncgen_finalizer_hook)
    asyncio._set_running_loop(loop)
    try:
        for _ in range(ROUNDS):
            if call.timers:
                call.expire_timers()
            if not call.ready:
                break
            for _ in range(len(call.ready)):
                handle = call.ready.popleft()
                if not handle._cancelled:
                    handle._run()
        return _rest(call)
    finally:
        asyncio._set_running_loop(None)
        sys.set_asyncgen_hooks(*hooks)
        loop.current = None


def _rest(call):
    """The callback's answer when the call has done what it can."""
    _poll(_background_set)
    if call.ready:
        return YIELD
    when = call.next_timer()
    if when is None and call.returned and not call.operations:
        _end(call)
        return EXIT
    if when is not None and not _set_clock(call, when):
        return YIELD
    if not call.set:
        call.set = abi.set_new()
    return WAIT | call.set << 4


def _end(call):
    call.ended = True
    _calls.discard(call)
    _stop_clock(call)
    if call.set:
        _poll(call.set)
        abi.set_drop(call.set)


# --- Events -------------------------------------------------------------------------------------------------------


def _poll(waitable_set):
    while waitable_set:
        event, waitable, code = abi.set_poll(waitable_set)
        if event == NO_EVENT:
            break
        _deliver(event, waitable, code, loop.current)


def _deliver(event, waitable, code, call):
    if event == CANCELLED:
        call.cancelled = True
        if call.main:
            call.main.cancel()
        return
    if event == SUBTASK and code < SUBTASK_RETURNED:
        return
    waiter = _waiting.pop(waitable, None)
    abi.join(waitable, 0)
    if waiter is None:
        abi.wake_drop(waitable)
        call.woken = False
    elif waiter.future is not None:
        waiter.call.operations -= 1
        if waiter.future.done():
            # Cancelled, by a coroutine that has not run since.
            waiter.operation.abandon(code)
        else:
            waiter.future.set_result(code)
    else:
        if waiter.call is not None:
            waiter.call.clock = None
        waiter.operation.abandon(code)


def _interrupt(operation):
    """Ends an operation early."""
    del _waiting[operation.waitable]
    abi.join(operation.waitable, 0)
    operation.abandon(operation.cancel())


async def wait(operation):
    """The result of an operation that the host has not completed at once."""
    call = loop.current
    future = loop.create_future()
    waitable = operation.waitable
    waiter = Waiter(call, operation, future)
    call.operations += 1
    _waiting[waitable] = waiter
    try:
        call.join(waitable)
        code = await future
    except BaseException:
        if waitable in _waiting and _waiting[waitable].operation is operation:
            call.operations -= 1
            _interrupt(operation)
        elif not future.cancelled():
            operation.abandon(future.result())
        raise
    return operation.finish(code)


async def done(result):
    """The result of an operation that the host has completed at once."""
    return result


_background_set = 0


def background(operation):
    """Lets an operation end at some time, while nobody waits for it and no call is kept alive."""
    global _background_set
    if not _background_set:
        _background_set = abi.set_new()
    abi.join(operation.waitable, _background_set)
    _waiting[operation.waitable] = Waiter(None, operation, None)


# --- Timers -------------------------------------------------------------------------------------------------------


_last_nap = 0.0


def _nap(call, delay):
    """Sleeps a little, unless another call has work to do or has just slept for all."""
    global _last_nap
    busy = any(other.ready for other in _calls if other is not call)
    if not busy and loop.time() - _last_nap >= NAP:
        time.sleep(min(delay, NAP))
        _last_nap = loop.time()


def _set_clock(call, when):
    """Returns whether an event will arrive in time for a timer."""
    if call.clock is not None:
        if call.clock_when <= when:
            return True
        _stop_clock(call)
    delay = min(max(when - loop.time(), 0), LONGEST)
    if abi.CLOCK is None:
        _nap(call, delay)
        return False
    operation = abi.start_call(abi.CLOCK, int(delay * 1e9) + 1)
    if operation is None:
        return False
    call.join(operation.waitable)
    _waiting[operation.waitable] = Waiter(call, operation, None)
    call.clock, call.clock_when = operation, when
    return True


def _stop_clock(call):
    if call.clock is not None:
        _interrupt(call.clock)
        call.clock = None


# --- For applications ---------------------------------------------------------------------------------------------


def spawn(coroutine):
    """`componentize_py_async_support.spawn`."""
    if loop.current is None:
        coroutine.close()
        raise RuntimeError("`spawn` works only while an asynchronous export is running")
    task = loop.create_task(coroutine)
    _spawned.add(task)
    task.add_done_callback(_report)


def _report(task):
    """Nobody waits for a spawned task, so its exception is shown at once."""
    _spawned.discard(task)
    if not task.cancelled() and task.exception() is not None:
        traceback.print_exception(task.exception())


componentize_py_runtime.spawn = spawn
