"""Does what its arguments say with the files that the host and the component have."""

import errno
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile

from wit_world import exports

HERE = os.path.dirname(__file__)


def attempt(*words: str) -> object:
    match words:
        case ["read", path]:
            return pathlib.Path(path).read_text()
        case ["write", path, text]:
            return pathlib.Path(path).write_text(text)
        case ["append", path, text]:
            with open(path, "a") as file:
                return file.write(text)
        case ["create", path]:
            return open(path, "x").close()
        case ["make-dir", path]:
            return os.mkdir(path)
        case ["link", target, path]:
            return os.symlink(target, path)
        case ["rename", source, target]:
            return os.rename(source, target)
        case ["is-same", path, other]:
            return os.path.samefile(path, other)
        case ["words", path]:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
                return connection.execute("select count(*) from sqlite_master").fetchone()
        case ["list", path]:
            return sorted(os.listdir(path))
        case ["walk", path]:
            return sorted(os.path.join(root, file) for root, _, files in os.walk(path) for file in files)
        case ["is-dir", path]:
            return os.path.isdir(path)
        case ["move", source, target]:
            return shutil.move(source, target)
        case ["remove", path]:
            return os.remove(path)
        case ["descend", path, name]:
            directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            file = os.open(name, os.O_RDONLY, dir_fd=directory)
            return os.read(file, 100).decode()
        case ["temporary"]:
            return tempfile.gettempdir()
        case ["chdir", path, name]:
            os.chdir(path)
            return os.getcwd(), pathlib.Path(name).read_text()
    raise ValueError(words)


class Run(exports.Run):
    def run(self) -> None:
        for line in " ".join(sys.argv[1:]).split(" / "):
            try:
                print(attempt(*line.split()))
            except OSError as error:
                print(errno.errorcode[error.errno or 0])
