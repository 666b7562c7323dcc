"""Threads run to their end when they are started, and what would wait for ever says so."""

import asyncio
import contextvars
import io
import logging
import logging.handlers
import queue
import select
import sys
import threading
import time
from concurrent import futures
from multiprocessing.pool import ThreadPool
from typing import Any, Callable, Dict, List

import _thread
import wit_world

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="none")
CHECKS: Dict[str, Callable[[], None]] = {}


def check(function: Callable[[], None]) -> Callable[[], None]:
    CHECKS[function.__name__] = function
    return function


def waits_for_ever(call: Callable[[], Any]) -> None:
    try:
        call()
    except RuntimeError as error:
        assert type(error) is threading.OneThreadError, repr(error)
        assert "a component has one thread" in str(error), error
    else:
        raise AssertionError("did not say that it waits for ever")


@check
def thread() -> None:
    seen: List[Any] = []
    local = threading.local()
    local.value = "main"
    VARIABLE.set("main")

    def target(number: int, word: str = "") -> None:
        me = threading.current_thread()
        seen.extend((number, word, me is thread, me.name, me.is_alive(), me.daemon, threading.get_ident() == me.ident))
        seen.extend((hasattr(local, "value"), VARIABLE.get(), me in threading.enumerate(), threading.active_count()))
        seen.append(threading.get_ident() != threading.main_thread().ident)
        local.value = "thread"
        VARIABLE.set("thread")

    thread = threading.Thread(target=target, args=(1,), kwargs={"word": "a"}, name="worker")
    assert not thread.is_alive() and thread.ident is None
    thread.start()
    assert seen == [1, "a", True, "worker", True, False, True, False, "none", True, 2, True], seen
    assert not thread.is_alive() and thread.ident is not None and thread not in threading.enumerate()
    thread.join()
    thread.join(1)
    assert local.value == "main" and VARIABLE.get() == "main"
    assert threading.current_thread() is threading.main_thread() and threading.active_count() == 1
    try:
        thread.start()
    except RuntimeError as error:
        assert str(error) == "threads can only be started once"
    else:
        raise AssertionError


@check
def subclass() -> None:
    class Worker(threading.Thread):
        def run(self) -> None:
            self.result = sum(range(10))

    worker = Worker(daemon=True)
    worker.start()
    worker.join()
    assert worker.result == 45 and worker.daemon and not worker.is_alive()


@check
def nested() -> None:
    depth: List[int] = []

    def target(level: int) -> None:
        depth.append(level)
        if level < 5:
            inner = threading.Thread(target=target, args=(level + 1,))
            inner.start()
            inner.join()

    target(0)
    assert depth == [0, 1, 2, 3, 4, 5]


@check
def exceptions() -> None:
    caught: List[Any] = []
    before, threading.excepthook = threading.excepthook, caught.append
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
    finally:
        threading.excepthook = before
    assert caught[0].exc_type is ZeroDivisionError and caught[0].thread is thread
    threading.Thread(target=sys.exit).start()
    errors, before_err = io.StringIO(), sys.stderr
    sys.stderr = errors
    try:
        threading.Thread(target=lambda: 1 / 0, name="divider").start()
    finally:
        sys.stderr = before_err
    assert errors.getvalue().startswith("Exception in thread divider:\nTraceback"), errors.getvalue()


@check
def raw() -> None:
    seen: List[int] = []
    ident = _thread.start_new_thread(lambda: seen.append(_thread.get_ident()), ())
    assert seen == [ident] and ident != _thread.get_ident()


@check
def recursion() -> None:
    def deep(level: int) -> None:
        thread = threading.Thread(target=deep, args=(level + 1,))
        thread.start()

    caught: List[Any] = []
    before, threading.excepthook = threading.excepthook, lambda args: caught.append(args.exc_type)
    try:
        deep(0)
    except RecursionError:
        caught.append(RecursionError)
    finally:
        threading.excepthook = before
    assert RecursionError in caught, caught


@check
def locks() -> None:
    lock = threading.Lock()
    assert lock.acquire() and not lock.acquire(False)
    waits_for_ever(lock.acquire)
    waits_for_ever(lock.__enter__)
    start = time.monotonic()
    assert not lock.acquire(timeout=0.05)
    assert 0.04 < time.monotonic() - start < 5
    lock.release()
    with lock:
        pass
    again = threading.RLock()
    with again, again:
        errors: List[Any] = []
        threading.Thread(target=lambda: errors.append(again.acquire(False))).start()
        assert errors == [False]
        waits_for_ever(threading.Thread(target=again.acquire).start)
    assert not again.locked()
    # Where it waits is where it is told, and it can be handled there.
    with again:
        threading.Thread(target=lambda: waits_for_ever(again.acquire)).start()


@check
def waiting() -> None:
    event, condition, semaphore = threading.Event(), threading.Condition(), threading.Semaphore(0)
    waits_for_ever(event.wait)
    assert not event.wait(0.01)
    event.set()
    assert event.wait()
    with condition:
        waits_for_ever(condition.wait)
        assert not condition.wait(0.01) and not condition.wait_for(lambda: False, 0.01)
        assert condition.wait_for(lambda: True)
    waits_for_ever(semaphore.acquire)
    assert not semaphore.acquire(timeout=0.01) and not semaphore.acquire(False)
    threading.Thread(target=semaphore.release).start()
    assert semaphore.acquire()
    waits_for_ever(threading.Barrier(2).wait)
    try:
        threading.Barrier(2).wait(0.01)
    except threading.BrokenBarrierError:
        pass
    else:
        raise AssertionError
    assert threading.Barrier(1).wait() == 0
    waits_for_ever(threading.Thread(target=threading.main_thread().join).start)
    waits_for_ever(futures.Future().result)
    try:
        futures.Future().result(0.01)
    except TimeoutError:
        pass


@check
def queues() -> None:
    for kind in (queue.Queue, queue.SimpleQueue, queue.LifoQueue):
        full: Any = kind()
        waits_for_ever(full.get)
        try:
            full.get(timeout=0.01)
        except queue.Empty:
            pass
        else:
            raise AssertionError
        threading.Thread(target=full.put, args=(1,)).start()
        assert full.get() == 1
    limited: queue.Queue[int] = queue.Queue(1)
    limited.put(1)
    waits_for_ever(lambda: limited.put(2))
    import _queue

    waits_for_ever(_queue.SimpleQueue().get)


@check
def servers() -> None:
    """A daemon thread that serves a queue handles each item when it is put."""
    items: queue.Queue[Any] = queue.Queue()
    done: List[Any] = []

    def serve() -> None:
        while True:
            item = items.get()
            if item is None:
                break
            done.append((item, threading.current_thread().name))
            items.task_done()

    server = threading.Thread(target=serve, daemon=True, name="server")
    server.start()
    assert server.is_alive() and server in threading.enumerate()
    items.put(1)
    items.put(2)
    assert done == [(1, "server"), (2, "server")]
    items.join()
    server.join(5)
    assert server.is_alive()
    waits_for_ever(server.join)
    items.put(None)
    assert not server.is_alive()
    server.join()


@check
def heartbeats() -> None:
    """A daemon thread that does something now and then does it once, and ends when it is told to."""
    stop, beats = threading.Event(), []

    def beat() -> None:
        while not stop.wait(60):
            beats.append(time.monotonic())

    thread = threading.Thread(target=beat, daemon=True)
    start = time.monotonic()
    thread.start()
    assert len(beats) == 1 and time.monotonic() - start < 5 and thread.is_alive()
    stop.set()
    assert not thread.is_alive()
    running = [True]

    def sleeps() -> None:
        while running[0]:
            time.sleep(60)

    thread = threading.Thread(target=sleeps, daemon=True)
    thread.start()
    assert thread.is_alive() and time.monotonic() - start < 5
    running[0] = False
    thread.join()
    assert not thread.is_alive()


@check
def postponed() -> None:
    """A server that is woken by one who has its lock comes to its turn with the next one who wakes any."""
    lock, wanted, done = threading.RLock(), threading.Event(), []

    def serve() -> None:
        while not done:
            wanted.wait()
            wanted.clear()
            with lock:
                done.append(1)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    with lock:
        wanted.set()
    assert done == []
    wanted.set()
    assert done == [1] and not server.is_alive()


@check
def logs() -> None:
    records: queue.Queue[logging.LogRecord] = queue.Queue()
    text = io.StringIO()
    listener = logging.handlers.QueueListener(records, logging.StreamHandler(text))
    listener.start()
    logger = logging.getLogger("threads")
    logger.propagate = False
    logger.addHandler(logging.handlers.QueueHandler(records))
    logger.warning("one")
    assert text.getvalue() == "one\n", text.getvalue()
    listener.stop()


@check
def timers() -> None:
    event = threading.Event()
    timer = threading.Timer(0.03, event.set)
    start = time.monotonic()
    timer.start()
    assert timer.is_alive() and not event.is_set()
    assert event.wait(10) and 0.02 < time.monotonic() - start < 5 and not timer.is_alive()
    called: List[int] = []
    timer = threading.Timer(0.02, called.append, [1])
    timer.start()
    timer.join()
    assert called == [1]
    watchdog = threading.Timer(60, called.append, [2])
    watchdog.start()
    watchdog.cancel()
    watchdog.join()
    assert called == [1] and not watchdog.is_alive() and threading.active_count() == 1


@check
def pools() -> None:
    names: List[str] = []

    def initializer(word: str) -> None:
        names.append(f"{word} {threading.current_thread().name}")

    with futures.ThreadPoolExecutor(2, "pool", initializer, ("hello",)) as pool:
        assert pool.submit(pow, 2, 5).result() == 32
        assert list(pool.map(str.upper, "abc")) == ["A", "B", "C"]
        failed = pool.submit(int, "x")
        assert isinstance(failed.exception(), ValueError) and failed.done()
        local = threading.local()
        pool.submit(setattr, local, "value", 1).result()
        # The thread stays the same.
        assert pool.submit(getattr, local, "value").result() == 1 and not hasattr(local, "value")
        # A call that waits for another one of the same pool.
        assert pool.submit(lambda: pool.submit(len, "abc").result()).result() == 3
        assert {f.result() for f in futures.as_completed([pool.submit(abs, -1), pool.submit(abs, 2)])} == {1, 2}
    assert names == ["hello pool_0", "hello pool_1"], names
    assert threading.active_count() == 1
    try:
        pool.submit(abs, 1)
    except RuntimeError as error:
        assert str(error) == "cannot schedule new futures after shutdown"
    for kind in (futures.ProcessPoolExecutor, futures.InterpreterPoolExecutor):
        with kind(2) as other:
            assert other.submit(divmod, 7, 2).result() == (3, 1) and list(other.map(abs, [-1, 2])) == [1, 2]
    logging.disable(logging.CRITICAL)
    broken = futures.ThreadPoolExecutor(1, initializer=lambda: 1 / 0)
    assert isinstance(broken.submit(abs, 1).exception(), futures.thread.BrokenThreadPool)
    logging.disable(logging.NOTSET)


@check
def thread_pools() -> None:
    results: List[Any] = []
    with ThreadPool(4) as pool:
        assert pool.map(abs, [-1, -2, -3]) == [1, 2, 3]
        assert pool.apply(divmod, (7, 2)) == (3, 1)
        assert pool.apply_async(len, ("abc",), callback=results.append).get(1) == 3 and results == [3]
        assert list(pool.imap(str, range(3))) == ["0", "1", "2"]
        assert sorted(pool.imap_unordered(str, range(3), 2)) == ["0", "1", "2"]
        assert pool.starmap(pow, [(2, 3), (3, 2)]) == [8, 9]
        assert isinstance(pool.apply_async(int, ("x",), error_callback=results.append)._value, ValueError)
        assert isinstance(results[1], ValueError)
        pool.close()
        pool.join()
    assert threading.active_count() == 1


@check
def polls() -> None:
    waits_for_ever(lambda: select.select([], [], []))
    waits_for_ever(select.poll().poll)
    assert select.select([], [], [], 0) == ([], [], [])

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    waits_for_ever(lambda: asyncio.run(wait()))


# While building, too, where time does not pass.
for _name in ("thread", "recursion", "servers", "pools", "thread_pools"):
    CHECKS[_name]()


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        try:
            CHECKS[what]()
            return "ok"
        except Exception as error:
            import traceback

            return f"{error!r} {traceback.format_exc()[-600:]}"
