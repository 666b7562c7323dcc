"""A TCP server for trying the example: it answers each client with the received text in capitals."""

import socket
import sys

host, port = sys.argv[1].split(":")
with socket.create_server((host, int(port))) as server:
    print(f"Listening on {host}:{server.getsockname()[1]}", flush=True)
    while True:
        client, _ = server.accept()
        with client:
            while data := client.recv(4096):
                client.sendall(data.upper())
