"""A TCP server that answers each client with what it sent, in capitals: for trying the example."""

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
