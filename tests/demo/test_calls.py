"""Calls over the unix socket of a real replica: what it answers, what it refuses, what it tells."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.demo import calls
from daemon.demo.calls import Api
from daemon.errors import NotRunning, PeerFault, Refusal
from tests.fakes.counter import open_browser, open_counter

HELENE = {"first_name": "Hélène", "last_name": "Lefèvre", "email": "helene@example.org"}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with open_counter(tmp_path) as counter, open_browser(counter, socket=tmp_path / "sock"):
        yield Api(name="caisse-1", socket=tmp_path / "sock")


async def test_the_owner_of_the_machine_needs_no_token(api: Api) -> None:
    made = (await api.post("/customers", HELENE)).body["customer"]
    found = (await api.get("/customers", q="helene", limit=5)).body
    assert [hit["customer"]["id"] for hit in found["hits"]] == [made["id"]]


async def test_an_edit_names_the_version_that_was_read(api: Api) -> None:
    made = (await api.post("/customers", HELENE)).body["customer"]
    read = await api.get(f"/customers/{made['id']}")
    edited = await api.patch(f"/customers/{made['id']}", {"civility": "Dr"}, version=read.version)
    assert edited.body["civility"] == "Dr"
    with pytest.raises(Refusal, match="was changed since") as refusal:
        await api.patch(f"/customers/{made['id']}", {"civility": "Me"}, version=read.version)
    assert refusal.value.status == 412


async def test_a_session_speaks_for_itself(api: Api) -> None:
    made = (await api.put("/applications", {"name": "caisse"})).body
    with pytest.raises(Refusal, match="has not the right"):
        await api.speaking_as(made["token"]).put("/applications", {"name": "autre"})
    assert "token" not in repr(api.speaking_as(made["token"])).replace("token=", "")


async def test_live_events_come_from_the_moment_the_stream_is_open(api: Api) -> None:
    async with asyncio.timeout(10), api.events() as events:
        await api.post("/scan", {"code": "2999"})
        kind, data = await anext(events)
    assert (kind, data["outcome"]) == ("scan", "unknown")


async def test_nobody_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="caisse-1 does not run"):
        await Api(name="caisse-1", socket=tmp_path / "sock").get("/health")


async def test_one_that_hangs_up_or_is_mute_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "ANSWER_S_MAX", 0.05)
    behave = "hang up"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        if behave == "mute":
            await asyncio.sleep(0.1)
        writer.close()

    async with await asyncio.start_unix_server(serve, tmp_path / "sock"):
        api = Api(name="caisse-1", socket=tmp_path / "sock")
        with pytest.raises(NotRunning, match="hung up"):
            await api.get("/health")
        behave = "mute"
        with pytest.raises(PeerFault, match="does not answer within"):
            await api.get("/health")
        await asyncio.sleep(0.1)
