"""A serial line to a device that speaks TCP: what goes into the pty comes out of a socket, and back."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def serial_bridge(port: int) -> AsyncIterator[str]:
    """The path of a serial line whose other end is a TCP port of this machine."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()

    def inward() -> None:
        with suppress(BlockingIOError, OSError):
            writer.write(os.read(master, 4096))

    async def outward() -> None:
        while data := await reader.read(4096):
            os.write(master, data)

    loop.add_reader(master, inward)
    try:
        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(outward(), name="serial bridge")
            yield os.ttyname(slave)
            answering.cancel()
    finally:
        loop.remove_reader(master)
        writer.transport.abort()
        os.close(master)
        os.close(slave)
