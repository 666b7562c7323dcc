"""Does what its arguments say, with what WASI 0.2 gives it."""

import os
import socket
import sys
import time

from componentize_py_types import Err
from wit_world import exports
from wit_world.imports import exit as wasi_exit


class Run(exports.Run):
    def run(self) -> None:
        match sys.argv[1:]:
            case []:
                pass
            case ["arguments", *_]:
                print(sys.argv)
            case ["environment"]:
                print(sorted(os.environ.items()))
            case ["read", path]:
                with open(path) as file:
                    print(file.read())
            case ["write", path]:
                with open(path, "w") as file:
                    file.write("from the program")
            case ["shout"]:
                sys.stdout.write(sys.stdin.read().upper())
            case ["connect", host, port]:
                with socket.socket() as connection:
                    connection.connect((host, int(port)))
                    connection.sendall(b"ping")
                    print(connection.recv(4).decode())
            case ["look-up", name]:
                print(socket.getaddrinfo(name, 80)[0][4])
            case ["exit", code]:
                wasi_exit.exit_with_code(int(code))
            case ["fail"]:
                raise Err(None)
            case ["raise"]:
                raise ValueError("as asked")
            case ["loop"]:
                while True:
                    pass
            case ["sleep", seconds]:
                time.sleep(float(seconds))
            case ["eat"]:
                kept = []
                while True:
                    kept.append(bytearray(1 << 20))
            case ["eat-and-live"]:
                try:
                    bytearray(1 << 30)
                except MemoryError:
                    print("too much")
