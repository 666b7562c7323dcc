"""Files of the application and of its packages, read as on a disk when the component runs, and files in memory."""

import errno
import glob
import importlib.metadata
import inspect
import io
import os
import pathlib
import shutil
import sqlite3
import stat
import sys
import tempfile
import traceback
import zipfile
from typing import Callable, Dict

import shelf
import wit_world

HERE = os.path.dirname(__file__)
DATA = os.path.join(HERE, "data")
LINE = "assert traceback.extract_stack()[-1].line == LINE"


def fails(number: int, call: Callable[..., object], *arguments: object, **keywords: object) -> OSError:
    try:
        call(*arguments, **keywords)
    except OSError as error:
        assert error.errno == number, f"{errno.errorcode.get(error.errno or 0)}: {error}"
        return error
    raise AssertionError("no error")


def reading() -> None:
    assert __file__ == "/0/app.py", __file__
    with open(os.path.join(DATA, "words.txt"), encoding="utf-8") as file:
        assert file.read() == "one\ntwo\n"
        assert file.seek(0) == 0 and file.readline() == "one\n" and file.tell() == 4
    assert pathlib.Path(DATA, "Ünï 北京.txt").read_text(encoding="utf-8") == "Grüße\n"
    with io.open_code(__file__) as code:
        assert code.read(3) == b'"""'
    with open(os.path.join(DATA, "large.txt"), "rb", buffering=0) as raw:
        whole = raw.read()
        assert len(whole) == 200_000 and set(whole.split()) == {b"line"}
        assert os.pread(raw.fileno(), 4, 5) == b"line" and os.lseek(raw.fileno(), -5, os.SEEK_END) == 199_995
        assert raw.read() == b"line\n" and raw.read() == b""
        assert os.fstat(raw.fileno()).st_size == 200_000
    with open(os.path.join(DATA, "empty"), "rb") as file:
        assert file.read() == b""
    assert traceback.extract_stack()[-1].line == LINE


def looking() -> None:
    there = {"archive.zip", "empty", "large.txt", "link.txt", "nested", "up", "words.db", "words.txt", "Ünï 北京.txt"}
    assert sorted(os.listdir(DATA)) == sorted(there), os.listdir(DATA)
    with os.scandir(DATA) as entries:
        kinds = {entry.name: (entry.is_dir(), entry.is_file(), entry.is_symlink()) for entry in entries}
    assert kinds["nested"] == (True, False, False) and kinds["words.txt"] == (False, True, False), kinds
    assert kinds["link.txt"] == (False, True, True) and kinds["up"] == (True, False, True), kinds
    walked = [(root, sorted(files)) for root, _, files in os.walk(os.path.join(DATA, "nested"))]
    assert walked == [(f"{DATA}/nested", ["case.txt"]), (f"{DATA}/nested/deep", ["leaf.txt"])], walked
    assert glob.glob("**/*.txt", root_dir=f"{DATA}/nested", recursive=True) == ["case.txt", "deep/leaf.txt"]
    status = os.stat(os.path.join(DATA, "words.txt"))
    assert stat.S_ISREG(status.st_mode) and status.st_size == 8 and status.st_mtime == 315532800
    assert os.path.samefile(f"{DATA}/words.txt", f"{DATA}/nested/../words.txt")
    assert not os.path.samefile(f"{DATA}/words.txt", f"{DATA}/large.txt")
    assert os.access(DATA, os.R_OK) and not os.access(DATA, os.W_OK) and not os.access(f"{DATA}/none", os.F_OK)
    descriptor = os.open(DATA, os.O_RDONLY | os.O_DIRECTORY)
    inner = os.open("nested/deep/leaf.txt", os.O_RDONLY, dir_fd=descriptor)
    assert os.read(inner, 100) == b"leaf\n" and os.stat("empty", dir_fd=descriptor).st_size == 0
    os.close(inner)
    os.close(descriptor)


def links() -> None:
    assert pathlib.Path(DATA, "link.txt").read_text() == "one\ntwo\n" and os.readlink(f"{DATA}/link.txt") == "words.txt"
    assert pathlib.Path(DATA, "up", "nested", "deep", "leaf.txt").read_text() == "leaf\n"
    assert os.path.realpath(f"{DATA}/up/nested/../words.txt") == f"{DATA}/words.txt"
    assert stat.S_ISLNK(os.lstat(f"{DATA}/link.txt").st_mode)


def names() -> None:
    nested = f"{DATA}/nested"
    assert open(f"{nested}/case.txt").read() == "lower\n"
    fails(errno.ENOENT, open, f"{nested}/CASE.TXT")
    fails(errno.ENOENT, open, f"{DATA}/none.txt")
    fails(errno.ENOTDIR, open, f"{DATA}/words.txt/x")
    fails(errno.EISDIR, open, nested)
    fails(errno.ENOTDIR, os.listdir, f"{DATA}/words.txt")
    assert open(f"{DATA}//nested/./deep/../../words.txt").read(3) == "one"
    assert open("../0/data/words.txt").read(3) == "one"


def working_directory() -> None:
    assert os.getcwd() == "/"
    assert open("data/words.txt").read(3) == "one"
    assert os.path.abspath("data") == "/data" and os.path.isfile("/data/words.txt")
    assert {"0", "1", "app.py", "data", "dev", "tmp"} <= set(os.listdir("/")), os.listdir("/")
    os.chdir(DATA)
    assert os.getcwd() == DATA and open("words.txt").read(3) == "one" and "nested" in os.listdir()
    os.chdir("/")


def read_only() -> None:
    words = f"{DATA}/words.txt"
    for mode in ("w", "a", "r+", "x"):
        fails(errno.EEXIST if mode == "x" else errno.EROFS, open, words, mode)
    fails(errno.EROFS, open, f"{DATA}/new.txt", "w")
    for call, *arguments in (
        (os.remove, words),
        (os.mkdir, f"{DATA}/new"),
        (os.rmdir, f"{DATA}/nested"),
        (os.rename, words, f"{DATA}/other.txt"),
        (os.utime, words),
        (os.truncate, words, 0),
        (os.symlink, "a", f"{DATA}/b"),
    ):
        fails(errno.EROFS, call, *arguments)
    fails(errno.EEXIST, os.mkdir, f"{DATA}/nested")
    fails(errno.ENOENT, os.remove, f"{DATA}/none")


def archives() -> None:
    with zipfile.ZipFile(f"{DATA}/archive.zip") as archive:
        assert archive.namelist() == ["inner.txt"] and archive.read("inner.txt") == b"inside\n"
    with sqlite3.connect(f"file:{DATA}/words.db?mode=ro", uri=True) as connection:
        assert connection.execute("select word from words order by word").fetchall() == [("one",), ("two",)]
        try:
            connection.execute("insert into words values ('three')")
        except sqlite3.OperationalError as error:
            assert "readonly" in str(error)
        else:
            raise AssertionError("written")


def packages() -> None:
    assert shelf.__file__ == "/1/shelf/__init__.py"
    assert pathlib.Path(shelf.__file__).with_name("texts").joinpath("a.txt").read_text() == "a\n"
    assert importlib.metadata.version("shelf") == "1.2"
    assert [one.name for one in importlib.metadata.entry_points(group="shelf.plugins")] == ["books"]
    assert importlib.metadata.entry_points(group="shelf.plugins")["books"].load().TITLE == "a book"
    assert inspect.getsource(shelf.shout).startswith("def shout(")
    try:
        shelf.shout("x")
    except ValueError as error:
        assert 'raise ValueError("SHOUTED")' in "".join(traceback.format_exception(error))
    assert sys.path == ["/0", "/1"], sys.path


def in_memory() -> None:
    assert tempfile.gettempdir() == "/tmp"
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "a.txt")
        path.write_text("Grüße")
        with path.open("a") as file:
            file.write(" und mehr")
        assert path.read_text() == "Grüße und mehr" and os.stat(path).st_size == 16
        with path.open("r+b") as file:
            file.truncate(5)
            file.seek(8)
            file.write(b"!")
        assert path.read_bytes() == "Grü".encode() + b"\xc3\0\0\0!"
        os.mkdir(f"{directory}/sub")
        os.rename(path, f"{directory}/sub/b.txt")
        shutil.copytree(f"{DATA}/nested", f"{directory}/copy")
        assert sorted(os.listdir(directory)) == ["copy", "sub"] and os.listdir(f"{directory}/sub") == ["b.txt"]
        fails(errno.ENOTEMPTY, os.rmdir, f"{directory}/sub")
        fails(errno.EINVAL, os.rename, f"{directory}/sub", f"{directory}/sub/inner")
        os.symlink("sub/b.txt", f"{directory}/link")
        assert len(pathlib.Path(directory, "link").read_bytes()) == 9
        os.replace(f"{directory}/sub/b.txt", f"{directory}/copy/case.txt")
        assert not os.path.exists(f"{directory}/link") and os.path.islink(f"{directory}/link")
        os.utime(f"{directory}/copy/case.txt", (1, 2))
        assert os.stat(f"{directory}/copy/case.txt").st_mtime == 2
    assert os.listdir("/tmp") == []
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 100_000)
        file.seek(-1, os.SEEK_END)
        assert file.read() == b"x"
    with tempfile.SpooledTemporaryFile(max_size=10) as spooled:
        spooled.write(b"y" * 100)
        spooled.seek(0)
        assert spooled.read() == b"y" * 100
    with sqlite3.connect("/tmp/new.db") as connection:
        connection.execute("create table t(x)")
        connection.execute("insert into t values (1)")
        connection.commit()
        assert connection.execute("select x from t").fetchall() == [(1,)]
    os.remove("/tmp/new.db")


def unlinked() -> None:
    with open("/tmp/gone", "w+") as file:
        file.write("still here")
        os.remove("/tmp/gone")
        file.seek(0)
        assert file.read() == "still here" and not os.path.exists("/tmp/gone")
    os.mkdir("/tmp/gone")
    directory = os.open("/tmp/gone", os.O_RDONLY)
    os.rmdir("/tmp/gone")
    with open("/tmp/file", "w"):
        pass
    fails(errno.EINVAL, os.rmdir, ".", dir_fd=directory)
    fails(errno.EINVAL, os.rename, ".", "/tmp/x", src_dir_fd=directory)
    fails(errno.ENOENT, os.rename, "/tmp/file", "g", dst_dir_fd=directory)
    fails(errno.ENOENT, os.mkdir, "g", dir_fd=directory)
    os.close(directory)
    os.remove("/tmp/file")
    assert os.listdir("/tmp") == []


def hard_links() -> None:
    with open("/tmp/one", "w") as file:
        file.write("text")
    os.mkdir("/tmp/sub")
    os.link("/tmp/one", "/tmp/sub/two")
    assert os.path.samefile("/tmp/one", "/tmp/sub/two") and os.stat("/tmp/one").st_nlink == 2
    with open("/tmp/sub/two", "a") as file:
        file.write(" and more")
    os.utime("/tmp/sub/two", (1, 2))
    assert open("/tmp/one").read() == "text and more" and os.stat("/tmp/one").st_mtime == 2
    # Two names of one file both stay.
    os.rename("/tmp/one", "/tmp/sub/two")
    assert os.path.exists("/tmp/one")
    with open("/tmp/sub/two") as file:
        os.remove("/tmp/sub/two")
        assert os.fstat(file.fileno()).st_nlink == 1 and file.read() == "text and more"
    assert open("/tmp/one").read() == "text and more"
    os.symlink("one", "/tmp/link")
    words = f"{DATA}/words.txt"
    for code, old, new in (
        (errno.ENOENT, "/tmp/none", "/tmp/new"),
        (errno.ENOENT, "/tmp/one", "/tmp/none/new"),
        (errno.ENOENT, "/tmp/one", "/tmp/new/"),
        (errno.EEXIST, "/tmp/one", "/tmp/link"),
        (errno.EPERM, "/tmp/sub", "/tmp/new"),
        (errno.EXDEV, words, "/tmp/new"),
        (errno.EROFS, words, f"{DATA}/new"),
        (errno.EROFS, "/tmp/one", f"{DATA}/new"),
        (errno.EEXIST, "/tmp/one", words),
    ):
        fails(code, os.link, old, new)
    for name in ("link", "one"):
        os.remove(f"/tmp/{name}")
    os.rmdir("/tmp/sub")
    assert os.listdir("/tmp") == []


def slashes() -> None:
    """A slash at the end asks for a directory, and makes nothing else."""
    with open("/tmp/b", "w"):
        pass
    os.symlink("loop", "/tmp/loop")
    for path, code in (("/tmp/b/", errno.ENOTDIR), ("/tmp/loop/", errno.ELOOP)):
        fails(code, os.mkdir, path)
        fails(code, os.rename, "/tmp/b", path)
    fails(errno.ENOTDIR, os.rename, "/tmp/b", "/tmp/new/")
    fails(errno.EISDIR, open, "/tmp/new/", "w")
    fails(errno.ENOENT, os.symlink, "b", "/tmp/new/")
    fails(errno.EEXIST, open, "/tmp/loop", "x")
    assert sorted(os.listdir("/tmp")) == ["b", "loop"]
    os.mkdir("/tmp/new/")
    os.rename("/tmp/new", "/tmp/newer/")
    os.rmdir("/tmp/newer")
    os.remove("/tmp/b")
    os.remove("/tmp/loop")
    assert os.listdir("/tmp") == []


def full() -> None:
    """The limit is 1 MiB (`cmd`)."""
    with open("/tmp/large", "wb", buffering=0) as file:
        for _ in range(15):
            assert file.write(b"x" * 65536) == 65536
        fails(errno.ENOSPC, file.write, b"x" * 131072)
    assert os.stat("/tmp/large").st_size == 15 * 65536
    os.remove("/tmp/large")
    with open("/tmp/again", "wb") as file:
        file.write(b"x" * 900_000)
        file.truncate(1)
        # The room of what is cut off is free again.
        with open("/tmp/another", "wb") as another:
            another.write(b"x" * 900_000)
    os.remove("/tmp/again")
    os.remove("/tmp/another")


def nothing() -> None:
    assert os.devnull == "/dev/null" and os.listdir("/dev") == ["null"]
    with open(os.devnull, "w") as sink:
        assert sink.write("gone") == 4 and not sink.isatty()
        print("gone as well", file=sink)
    with open(os.devnull, "r+b", buffering=0) as both:
        assert both.write(b"x" * 2_000_000) == 2_000_000 and both.read() == b""
    assert open(os.devnull).read() == ""
    status = os.stat(os.devnull)
    assert stat.S_ISCHR(status.st_mode) and status.st_size == 0
    assert os.access(os.devnull, os.R_OK | os.W_OK)
    fails(errno.EROFS, os.remove, os.devnull)
    fails(errno.EROFS, open, "/dev/other", "w")


CHECKS: Dict[str, Callable[[], None]] = {
    check.__name__: check
    for check in (
        reading,
        looking,
        links,
        names,
        working_directory,
        read_only,
        archives,
        packages,
        in_memory,
        unlinked,
        hard_links,
        slashes,
        full,
        nothing,
    )
}


class WitWorld(wit_world.WitWorld):
    def attempt(self, what: str) -> str:
        try:
            CHECKS[what]()
        except Exception as error:
            return "".join(traceback.format_exception(error))
        return "ok"
