"""The socket for commands, both ends: what is typed is done, and what is said is told in the language of who typed."""

import asyncio
import io
import json
import socket
import threading
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.demo.commands import taking_commands
from daemon.demo.control import command
from daemon.demo.line import LineState
from daemon.demo.running import RunningChain
from daemon.demo.words import Speech
from daemon.errors import NotRunning, OperatorMistake
from tests.fakes.idle_chain import idle_chain


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[RunningChain]:
    async with idle_chain(tmp_path / "d") as idle, taking_commands(idle, tmp_path / "d" / "control.sock"):
        yield idle


async def typed(directory: Path, do: str, *, json: bool = False, language: str = "en", **more: object) -> str:
    out = io.StringIO()
    given = Namespace(directory=directory, do=do, json=json, **more)
    speech = Speech("fr" if language == "fr" else "en")
    assert await asyncio.to_thread(command, given, out, speech) == 0
    return out.getvalue()


async def test_what_is_typed_is_done_and_told(chain: RunningChain, tmp_path: Path) -> None:
    said = await typed(tmp_path / "d", "cut", name="caisse-1", language="fr")
    assert said.startswith("caisse-1 est coupée du siège")
    assert chain.tills["caisse-1"].line.state is LineState.CUT


async def test_as_json_each_thing_said_is_a_line(chain: RunningChain, tmp_path: Path) -> None:
    said = await typed(tmp_path / "d", "cut", name="caisse-1", silent=True, json=True)
    assert json.loads(said) == {"said": "silent", "name": "caisse-1"}
    rows = await typed(tmp_path / "d", "status", json=True)
    assert len(rows.splitlines()) == 5


async def test_the_table_is_drawn_at_the_end(chain: RunningChain, tmp_path: Path) -> None:
    assert "Printer" in (await typed(tmp_path / "d", "status")).splitlines()[0]


async def test_a_refusal_is_a_mistake_in_the_language_of_who_typed(chain: RunningChain, tmp_path: Path) -> None:
    with pytest.raises(OperatorMistake, match="il n'y a pas de caisse-9 ici"):
        await typed(tmp_path / "d", "cut", name="caisse-9", language="fr")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (b'{"do": "explode"}\n', "no_such"),
        (b"[1]\n", "no_such"),
        (b'{"do": "tap", "name": 7}\n', "said_by"),
    ],
)
async def test_nonsense_is_refused(chain: RunningChain, tmp_path: Path, asked: bytes, answer: str) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "d" / "control.sock"))
    writer.write(asked)
    assert json.loads(await reader.readline())["refused"] == answer
    writer.close()


async def test_what_is_not_json_is_hung_up_on(chain: RunningChain, tmp_path: Path) -> None:
    reader, writer = await asyncio.open_unix_connection(str(tmp_path / "d" / "control.sock"))
    writer.write(b"GET / HTTP/1.1\r\n")
    assert await reader.read() == b""
    writer.close()


def test_without_a_demo_it_says_how_to_start_one(tmp_path: Path) -> None:
    given = Namespace(directory=tmp_path, do="status", json=False)
    with pytest.raises(NotRunning, match=r"no demo runs in .*: start it with `make demo`"):
        command(given, io.StringIO(), Speech("en"))


def test_a_demo_that_stops_in_the_middle_is_said(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        with pytest.raises(NotRunning, match="the demo has stopped"):
            _typed_to_one_that_breaks_off(tmp_path, listener)


def _typed_to_one_that_breaks_off(tmp_path: Path, listener: socket.socket) -> None:
    def answer() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(1000)
            line.sendall(b'{"said": "cu')

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        command(Namespace(directory=tmp_path, do="cut", name="caisse-1", json=False), io.StringIO(), Speech("en"))
    finally:
        thread.join()
