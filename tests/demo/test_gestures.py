"""What a hand may do to a demo, on one whose processes do not run; with them: tests/system/test_demo.py."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.demo import gestures, kept
from daemon.demo.gestures import GESTURES, Wish, carried_out
from daemon.demo.line import LineState
from daemon.demo.running import RunningChain
from daemon.demo.words import Refused, Said
from tests.fakes.idle_chain import idle_chain


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[RunningChain]:
    async with idle_chain(tmp_path / "d") as idle:
        yield idle


async def does(chain: RunningChain, word: str, name: str = "caisse-1", **wish: object) -> list[Said]:
    return [one async for one in carried_out(chain, word, Wish(name=name, **wish))]  # type: ignore[arg-type]  # a test's


async def test_a_cut_line_is_cut_and_a_silent_one_silent(chain: RunningChain) -> None:
    line = chain.tills["caisse-1"].line
    assert [one.key for one in await does(chain, "cut")] == ["cut"]
    states = [line.state]
    assert [one.key for one in await does(chain, "cut", silent=True)] == ["silent"]
    assert [*states, line.state] == [LineState.CUT, LineState.SILENT]


async def test_a_healed_till_that_does_not_come_back_is_said(
    chain: RunningChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gestures, "LINKED_S_MAX", 0.05)
    await does(chain, "cut")
    assert [one.key for one in await does(chain, "heal")] == ["healed", "not_linked"]
    assert chain.tills["caisse-1"].line.state is LineState.OPEN


async def test_paper_and_cover_are_those_of_the_printer(chain: RunningChain) -> None:
    printer = chain.tills["caisse-2"].devices.printer
    for word, ready in (("paper-out", False), ("paper-in", True), ("cover-open", False), ("cover-close", True)):
        await does(chain, word, "caisse-2")
        assert printer.is_ready is ready


async def test_the_table_has_a_row_for_each_process_and_leaves_blank_what_is_not_known(chain: RunningChain) -> None:
    await does(chain, "paper-out", "caisse-3")
    rows = {one.facts["name"]: one.facts for one in await does(chain, "status")}
    assert list(rows) == ["caisse-1", "caisse-2", "caisse-3", "siege", "broker"]
    assert rows["caisse-3"]["printer"] == "no_paper"
    assert (rows["caisse-1"]["waiting"], rows["caisse-1"]["equal"], rows["caisse-1"]["memory_mib"]) == (None,) * 3


@pytest.mark.parametrize("word", ["tap", "badge", "kill", "conflict"])
async def test_what_needs_a_running_process_says_that_there_is_none(chain: RunningChain, word: str) -> None:
    with pytest.raises(Refused) as refused:
        await does(chain, word)
    assert refused.value.said.key == "till_down"


@pytest.mark.parametrize("word", sorted(GESTURES.keys() - {"conflict", "status"}))
async def test_a_name_that_nobody_has_is_refused_with_those_that_there_are(chain: RunningChain, word: str) -> None:
    with pytest.raises(Refused, match="there is no caisse-9 here; there are caisse-1"):
        await does(chain, word, "caisse-9")


async def test_a_conflict_that_fails_half_way_leaves_no_line_cut(chain: RunningChain) -> None:
    with pytest.raises(Refused):
        await does(chain, "conflict")
    assert {till.line.state for till in chain.tills.values()} == {LineState.OPEN}


async def test_a_killed_process_is_followed_until_it_is_back(
    chain: RunningChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "RESTART_S", 0.1)
    process = chain.process("siege")
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(process.run(), name="siege")
        await process.ready()
        assert [one.key for one in await does(chain, "start", "siege")] == ["runs_already"]
        killed, back = await does(chain, "kill", "siege")
        assert (killed.key, back.key) == ("killed", "back")
        row = {one.facts["name"]: one.facts for one in await does(chain, "status")}["siege"]
        assert row["memory_mib"] > 1
        monkeypatch.setattr(kept, "RESTART_S", 60)
        process.kill()
        await asyncio.sleep(0.2)
        assert [one.key for one in await does(chain, "start", "siege")] == ["back"]
        keeper.cancel()
