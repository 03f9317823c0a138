"""Head office's HTTPS, as much of it as enrolment needs: one POST, one answer."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from daemon.sync.enrol_wire import PATH

Answer = Callable[[bytes], Awaitable[tuple[int, bytes]]]


@asynccontextmanager
async def serving_enrolment(tls: ssl.SSLContext, answer: Answer) -> AsyncIterator[int]:
    """Serve `answer` at /enrol on a loopback port, which is handed out."""
    open_writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            assert head.startswith(f"POST {PATH} HTTP/1.1\r\n")
            length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
            status, body = await answer(await reader.readexactly(length))
            writer.write(f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in open_writers:
            writer.close()
            with suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()
        await server.wait_closed()
        await asyncio.sleep(0.01)
