"""Where a running demo takes commands: a unix socket in its directory; `control` is its other end.

asked      {"do": "tap", "name": "caisse-1", "code": "2942949672918", "silent": false}
answered   {"said": "tapped", "facts": {…}} … and, when it cannot be done, {"refused": "no_such", "facts": {…}}
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from daemon.demo.gestures import GESTURES, Wish, carried_out
from daemon.demo.running import RunningChain
from daemon.demo.words import Refused, said
from daemon.errors import OperatorMistake
from daemon.typed import convert

_LINE_BYTES_MAX: Final = 4096


@asynccontextmanager
async def taking_commands(chain: RunningChain, path: Path) -> AsyncIterator[None]:
    """Take commands while the block runs; only who may enter the directory can give them."""
    server = await asyncio.start_unix_server(partial(_serve, chain), path, limit=_LINE_BYTES_MAX)
    async with server:
        yield


async def _serve(chain: RunningChain, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ValueError):
        try:
            word, wish = _read(await reader.readline())
            async for one in carried_out(chain, word, wish):
                await _send(writer, {"said": one.key, "facts": one.facts})
        except Refused as refused:
            await _send(writer, {"refused": refused.said.key, "facts": refused.said.facts})
    writer.close()


def _read(line: bytes) -> tuple[str, Wish]:
    """What is asked; raises Refused for what is no command, ValueError for what is no JSON."""
    asked = json.loads(line)
    word = asked.pop("do", "") if isinstance(asked, dict) else ""
    if word not in GESTURES:
        raise Refused(said("no_such", name=str(word)[:20], known=", ".join(GESTURES)))
    try:
        return word, convert(asked, Wish)
    except OperatorMistake as wrong:
        raise Refused(said("said_by", name=word, sentence=str(wrong))) from wrong


async def _send(writer: asyncio.StreamWriter, value: dict[str, Any]) -> None:
    writer.write(json.dumps(value, ensure_ascii=False).encode() + b"\n")
    await writer.drain()
