"""The floor of the scan benchmark: a bare reader of a pty, one indexed SELECT, a constant event to one client."""

import asyncio
import os
import sqlite3
import sys
import tty
from pathlib import Path

EVENT = b'id: 1\nevent: scan\ndata: {"outcome":"customer","id":"0123456789abcdef"}\n\n'


async def serve(pty: Path, database: Path, door: Path) -> None:
    """Listen on a unix socket; send each client an event for every line on the pty."""
    conn = sqlite3.connect(database, isolation_level=None)
    line = os.open(pty, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(line)
    clients: list[asyncio.StreamWriter] = []
    pending = bytearray()

    def arrived() -> None:
        pending.extend(os.read(line, 512))
        while b"\r" in pending:
            code, _, rest = bytes(pending).partition(b"\r")
            pending[:] = rest
            conn.execute("SELECT entity FROM card WHERE number = ?", (code.decode(),)).fetchone()
            for client in clients:
                client.write(EVENT)

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
        clients.append(writer)

    asyncio.get_running_loop().add_reader(line, arrived)
    server = await asyncio.start_unix_server(joined, door)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(*map(Path, sys.argv[1:4])))
