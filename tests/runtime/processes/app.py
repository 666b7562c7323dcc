"""Modules about processes, users, terminals and the like: what can work does, and the rest says why not."""

import errno
import fcntl
import getpass
import grp
import io
import locale
import mmap
import multiprocessing
import multiprocessing.shared_memory
import multiprocessing.synchronize
import os
import pathlib
import pwd
import re
import resource
import shelve
import signal
import struct
import subprocess
import sys
import syslog
import termios
import uuid
import webbrowser
from typing import Any, Callable, Dict, List, Type

import wit_world

CHECKS: Dict[str, Callable[[], None]] = {}
# Open when the snapshot is made.
LEFT_OPEN = os.dup(os.dup(1))


def check(function: Callable[[], None]) -> Callable[[], None]:
    CHECKS[function.__name__] = function
    return function


def refused(call: Callable[[], Any], reason: str, code: int = errno.ENOTSUP) -> None:
    try:
        call()
    except OSError as error:
        assert error.errno == code and reason in str(error), repr(error)
    else:
        raise AssertionError("was not refused")


def raises(kind: Type[Exception], call: Callable[..., Any], *arguments: Any) -> None:
    try:
        call(*arguments)
    except Exception as error:
        assert type(error) is kind, repr(error)
    else:
        raise AssertionError(f"{kind.__name__} was not raised")


@check
def processes() -> None:
    reason = "a component cannot start processes"
    refused(lambda: subprocess.run(["true"]), reason)
    refused(lambda: subprocess.check_output("true", shell=True), reason)
    refused(lambda: os.system("true"), "a component cannot start or signal processes")
    refused(lambda: os.kill(1, signal.SIGTERM), "a component cannot start or signal processes")
    # Code asks for pipes before it uses them.
    assert not hasattr(os, "pipe")
    refused(multiprocessing.Process(target=print).start, reason)
    refused(lambda: multiprocessing.Pool(2), reason)
    assert multiprocessing.cpu_count() == os.cpu_count() == os.process_cpu_count() == 1
    lock, again = multiprocessing.Lock(), multiprocessing.RLock()
    with lock, again, again:
        assert not lock.acquire(False)
    assert multiprocessing.current_process().name == "MainProcess"
    refused(lambda: multiprocessing.shared_memory.SharedMemory(create=True, size=8), "a component cannot share memory")


@check
def users() -> None:
    os.environ.pop("HOME", None)
    user = pwd.getpwuid(os.getuid())
    assert user.pw_name == user[0] == getpass.getuser() == "wasi" and pwd.getpwnam("wasi") == user
    assert grp.getgrgid(os.getgid()).gr_name == "wasi" and grp.getgrnam("root").gr_gid == 0
    assert os.stat("/").st_uid == os.getuid() and os.stat("/").st_gid == os.getgid()
    assert os.path.expanduser("~") == "/" and os.path.expanduser("~/x") == "/x" and pathlib.Path.home() == pathlib.Path("/")
    os.environ["HOME"] = "/home/me"
    assert os.path.expanduser("~/x") == "/home/me/x"
    assert os.path.expanduser("~nobody-known/x") == "~nobody-known/x"
    for call in (lambda: pwd.getpwuid(7), lambda: grp.getgrnam("none")):
        try:
            call()
        except KeyError:
            pass
        else:
            raise AssertionError


@check
def limits() -> None:
    assert resource.getrlimit(resource.RLIMIT_AS) == (1 << 32, 1 << 32)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    refused(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1, 1)), "set by its host")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime >= 0


@check
def terminals() -> None:
    try:
        termios.tcgetattr(1)
    except termios.error as error:
        assert error.args[0] == errno.ENOTTY
    else:
        raise AssertionError
    import pty
    import tty

    assert tty.setraw and pty.spawn
    refused(os.get_terminal_size, "no terminal")
    import shutil

    assert shutil.get_terminal_size() == (80, 24)


@check
def descriptors() -> None:
    refused(lambda: fcntl.flock(99, fcntl.LOCK_EX), "", errno.EBADF)
    fcntl.flock(1, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(1, fcntl.LOCK_UN)
    refused(lambda: fcntl.ioctl(1, termios.TIOCGWINSZ, b"\0" * 8), "no terminals", errno.ENOTTY)
    assert fcntl.fcntl(1, fcntl.F_GETFD) == fcntl.FD_CLOEXEC
    with open("/tmp/locked", "w+b") as file:
        flags = fcntl.fcntl(file, fcntl.F_GETFL)
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_NONBLOCK)
        lock = struct.pack("hhqqhh", fcntl.F_WRLCK, 0, 0, 0, 0, 0)
        assert fcntl.fcntl(file, fcntl.F_SETLKW, lock) == lock
        assert fcntl.fcntl(file, fcntl.F_GETLK, lock) == struct.pack("hhqqhh", fcntl.F_UNLCK, 0, 0, 0, 0, 0)
        refused(lambda: fcntl.fcntl(file, fcntl.F_DUPFD, 1 << 30), "Invalid", errno.EINVAL)
        refused(lambda: fcntl.fcntl(file, fcntl.F_DUPFD, -1), "Invalid", errno.EINVAL)
        last = fcntl.fcntl(file, fcntl.F_DUPFD, 1023)
        refused(lambda: fcntl.fcntl(file, fcntl.F_DUPFD, 1023), "No file descriptors", errno.EMFILE)
        os.close(last)
    os.remove("/tmp/locked")


class Descriptor:
    def __init__(self, number: Any) -> None:
        self.number = number

    def fileno(self) -> Any:
        return self.number


@check
def arguments() -> None:
    """Wrong arguments raise what CPython's modules in C raise."""
    for call in (lambda fd: fcntl.flock(fd, fcntl.LOCK_SH), lambda fd: fcntl.fcntl(fd, fcntl.F_GETFD), lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX)):
        raises(TypeError, call, "spam")
        raises(TypeError, call, Descriptor("spam"))
        raises(ValueError, call, -1)
        raises(ValueError, call, Descriptor(-1))
        raises(OverflowError, call, 1 << 31)
        raises(OverflowError, call, Descriptor(-(1 << 31) - 1))
    raises(ValueError, fcntl.fcntl, 1, fcntl.F_SETLK, bytes(1025))
    raises(TypeError, fcntl.fcntl, 1, fcntl.F_GETFD, 1.5)
    for find in (pwd.getpwnam, grp.getgrnam):
        raises(ValueError, find, "root\0")
        raises(UnicodeEncodeError, find, "roo\udc74")
        raises(TypeError, find, b"root")
    raises(KeyError, pwd.getpwuid, 1 << 128)
    raises(OverflowError, grp.getgrgid, 1 << 128)
    raises(TypeError, grp.getgrgid, 0.0)
    raises(UnicodeEncodeError, syslog.openlog, "\ud800")
    raises(TypeError, syslog.openlog, 5)
    raises(TypeError, syslog.syslog, syslog.LOG_INFO, b"bytes")
    raises(TypeError, syslog.syslog, "loud", "text")
    with mmap.mmap(-1, 16) as memory:
        raises(ValueError, memory.madvise, mmap.MADV_NORMAL, 16)
        raises(ValueError, memory.madvise, mmap.MADV_NORMAL, 0, -1)
        raises(OverflowError, memory.madvise, mmap.MADV_NORMAL, 8, sys.maxsize)
        raises(TypeError, memory.madvise, mmap.MADV_NORMAL, "0")
        raises(OverflowError, memory.write_byte, 256)
        raises(TypeError, memory.__setitem__, 0, b"1")
        raises(TypeError, memory.write, "text")
    raises(TypeError, mmap.mmap, "file", 16)


@check
def closing_maps() -> None:
    """An argument may close the map while it is turned into a number."""

    class Closing:
        def __init__(self, memory: mmap.mmap) -> None:
            self.memory = memory

        def __index__(self) -> int:
            self.memory.close()
            return 5

    calls: List[Callable[[mmap.mmap, Any], Any]] = [
        lambda memory, place: memory[place],
        lambda memory, place: memory[place:9],
        lambda memory, place: memory.__setitem__(slice(place, 9), b"1234"),
        lambda memory, place: memory.__setitem__(place, 1),
        lambda memory, place: memory.read(place),
        lambda memory, place: memory.find(b"1", 1, place),
        lambda memory, place: memory.move(1, 2, place),
        lambda memory, place: memory.write_byte(place),
        lambda memory, place: memory.resize(place),
        lambda memory, place: memory.seek(place),
    ]
    for call in calls:
        memory = mmap.mmap(-1, 16)
        raises(ValueError, call, memory, Closing(memory))


@check
def kinds_of_maps() -> None:
    with open("/tmp/kinds", "w+b") as file:
        file.write(b"a" * 16)
        file.flush()
        for name in ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_COPY", "ACCESS_WRITE"):
            with mmap.mmap(file.fileno(), 0, access=getattr(mmap, name)) as memory:
                assert f"access={name}, length=16, pos=0, offset=0>" in repr(memory)
                if name in ("ACCESS_READ", "ACCESS_COPY"):
                    raises(TypeError, memory.resize, 8)
        with mmap.mmap(file.fileno(), 16, trackfd=False) as memory:
            refused(memory.size, "Bad file descriptor", errno.EBADF)
            raises(ValueError, memory.resize, 8)
            memory[2] = ord("Y")
        assert os.pread(file.fileno(), 4, 0) == b"aaYa"
    os.remove("/tmp/kinds")


@check
def maps() -> None:
    with mmap.mmap(-1, 16) as memory:
        memory.write(b"one\ntwo\n")
        memory.seek(0)
        assert memory.readline() == b"one\n" and memory.tell() == 4 and len(memory) == 16
        memory[0:3] = b"ONE"
        memory[3] = 32
        assert memory[:7] == b"ONE two" and memory.find(b"two") == 4 and memory[0] == ord("O")
        assert re.search(rb"t\w+", memory).group() == b"two"
        assert bytes(memoryview(memory)[:3]) == b"ONE" and b"two" in memory[:]
        memory.resize(4)
        assert memory.size() == 4
    assert memory.closed
    try:
        memory.read()
    except ValueError:
        pass
    else:
        raise AssertionError


@check
def maps_of_files() -> None:
    def make(path: str) -> None:
        with open(path, "wb") as file:
            file.write(b"a" * 10_000)

    make("/tmp/a")
    make("/tmp/b")
    with open("/tmp/a", "r+b") as file:
        with mmap.mmap(file.fileno(), 0) as memory:
            assert re.search(b"b", memory) is None
            # Another part of the file changes meanwhile.
            os.pwrite(file.fileno(), b"new", 0)
            memory[9_000:9_003] = b"end"
        assert file.read() == b"new" + b"a" * 8_997 + b"end" + b"a" * 997
        longer = mmap.mmap(file.fileno(), 0)
    # The map outlives its file, whose number another one gets.
    with open("/tmp/b", "r+b") as other:
        longer[0:1] = b"N"
        longer.close()
        assert longer.closed and other.read() == b"a" * 10_000
    assert pathlib.Path("/tmp/a").read_bytes()[:3] == b"New"
    os.remove("/tmp/a")
    os.remove("/tmp/b")


@check
def duplicates() -> None:
    refused(lambda: os.fstat(LEFT_OPEN), "", errno.EBADF)
    os.close(LEFT_OPEN)
    file = os.open("/tmp/a", os.O_RDWR | os.O_CREAT)
    again = os.dup(file)
    assert os.write(file, b"one") == 3 and os.write(again, b" two") == 4
    os.close(file)
    assert os.lseek(again, 0, os.SEEK_SET) == 0 and os.read(again, 9) == b"one two"
    near = fcntl.fcntl(again, fcntl.F_DUPFD, 20)
    assert near == 20 and os.lseek(near, 0, os.SEEK_CUR) == 7
    os.close(near)
    far = os.dup2(again, 40)
    os.close(again)
    assert far == 40 and os.fstat(40).st_size == 7
    # As pytest captures what a test prints.
    saved = os.dup(1)
    os.dup2(40, 1)
    os.write(1, b" three")
    print(" four", flush=True)
    os.dup2(saved, 1)
    os.close(saved)
    os.close(40)
    refused(lambda: os.fstat(40), "", errno.EBADF)
    refused(lambda: os.dup(99), "", errno.EBADF)
    refused(lambda: os.dup2(1, -1), "", errno.EBADF)
    refused(lambda: os.dup2(1, 1 << 20), "", errno.EBADF)
    assert pathlib.Path("/tmp/a").read_text() == "one two three four\n"
    # Numbers are given in order again.
    numbers = [os.open("/tmp/a", os.O_RDONLY) for _ in range(3)]
    assert len(set(numbers)) == 3
    for number in numbers:
        os.close(number)
    os.remove("/tmp/a")


@check
def others() -> None:
    assert str(uuid.UUID(int=1)).endswith("1") and uuid.uuid4() != uuid.uuid4() and uuid.uuid1()
    assert locale.setlocale(locale.LC_ALL, "C") == "C" and locale.setlocale(locale.LC_ALL, "C.UTF-8")
    syslog.syslog(syslog.LOG_DEBUG, "said")
    assert webbrowser.open("https://example.com") is False
    assert signal.getsignal(signal.SIGINT) is not None


class WitWorld(wit_world.WitWorld):
    def check(self, what: str) -> str:
        try:
            CHECKS[what]()
            return "ok"
        except Exception as error:
            import traceback

            return f"{error!r} {traceback.format_exc()[-600:]}"
