"""The line as a shop's connection: what its two ends see when it is cut, hangs and is healed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from daemon.demo.line import Line, LineState


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1024):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def line_to_an_echo() -> AsyncIterator[Line]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Line("caisse-1", server.sockets[0].getsockname()[1]).serving() as line:
        yield line


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def connected(line: Line) -> Ends:
    return await asyncio.open_connection("127.0.0.1", line.port)


async def said_back(ends: Ends, text: bytes) -> bytes:
    ends[1].write(text)
    return await ends[0].readexactly(len(text))


async def hangs_up(ends: Ends) -> bool:
    async with asyncio.timeout(2):
        try:
            return await ends[0].read(1) == b""
        except ConnectionError:
            return True
        finally:
            ends[1].close()


async def test_an_open_line_carries_both_ways() -> None:
    async with line_to_an_echo() as line:
        ends = await connected(line)
        assert await said_back(ends, b"bonjour") == b"bonjour"
        assert "1 connections" in repr(line)
        ends[1].close()


async def test_a_cut_line_hangs_up_and_lets_nobody_in() -> None:
    async with line_to_an_echo() as line:
        ends = await connected(line)
        await said_back(ends, b"a")
        line.cut()
        assert line.state is LineState.CUT
        assert await hangs_up(ends)
        assert await hangs_up(await connected(line))


async def test_a_healed_line_carries_again() -> None:
    async with line_to_an_echo() as line:
        line.cut()
        line.heal()
        ends = await connected(line)
        assert await said_back(ends, b"a") == b"a"
        ends[1].close()


async def test_a_silent_line_stands_and_carries_nothing_until_it_is_healed() -> None:
    async with line_to_an_echo() as line:
        old = await connected(line)
        await said_back(old, b"a")
        line.cut(silent=True)
        new = await connected(line)
        for ends in (old, new):
            ends[1].write(b"late")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await old[0].read(1)
        line.heal()
        for ends in (old, new):
            assert await ends[0].readexactly(4) == b"late"
            ends[1].close()


async def test_a_silent_line_that_is_cut_hangs_up() -> None:
    async with line_to_an_echo() as line:
        ends = await connected(line)
        await said_back(ends, b"a")
        line.cut(silent=True)
        ends[1].write(b"lost")
        await asyncio.sleep(0.02)
        line.cut()
        assert await hangs_up(ends)


async def test_when_the_far_side_ends_so_does_this_one() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, Line("caisse-1", server.sockets[0].getsockname()[1]).serving() as line:
        assert await hangs_up(await connected(line))


async def test_where_nobody_listens_it_hangs_up() -> None:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with Line("caisse-1", port).serving() as line:
        assert await hangs_up(await connected(line))
