"""A client of the live events over the unix socket: prints each event on a line, `kind data`.

Runs inside a container, in the product's own environment, until its standard input ends: `event_listener.py SOCKET`.
"""

import os
import socket
import sys
import threading
from http.client import HTTPConnection

from typing_extensions import override


class UnixConnection(HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    @override
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def main(path: str) -> None:
    threading.Thread(target=end_with_input, daemon=True).start()
    connection = UnixConnection(path)
    connection.request("GET", "/api/v1/events", headers={"Accept": "text/event-stream"})
    response = connection.getresponse()
    print("listening", response.status, flush=True)
    kind = ""
    for raw in response:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            print(kind, line.removeprefix("data: "), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
