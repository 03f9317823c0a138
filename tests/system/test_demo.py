"""The five things of the demo, done as a user does them: commands in a terminal, calls to the tills."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from daemon.demo.guests import guests
from daemon.demo.people import card_number
from tests.fakes.badges import codes_on
from tests.fakes.running_demo import DEMO, ENVIRONMENT, RunningDemo, running_demo, until

FIRST, SECOND, THIRD = guests(3)
NOBODYS = card_number(1_000_000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


def customer(demo: RunningDemo, place: str, id_: str) -> dict[str, Any]:
    return dict(asyncio.run(demo.api(place).get(f"/customers/{id_}")).body)


def edit(demo: RunningDemo, place: str, id_: str, **fields: Any) -> None:
    async def edited() -> None:
        before = await demo.api(place).get(f"/customers/{id_}")
        await demo.api(place).patch(f"/customers/{id_}", fields, version=before.version)

    asyncio.run(edited())


def all_equal(demo: RunningDemo) -> bool:
    rows = demo.rows()
    return len({rows[name]["root"] for name in ("siege", "caisse-1", "caisse-2", "caisse-3")}) == 1


def test_the_first_screen_says_where_to_look_who_one_is_and_what_to_try(demo: RunningDemo) -> None:
    screen = demo.screen
    assert "200 customers, 2 shops, 3 tills" in screen
    for name, path in (("caisse-1", "/caisse"), ("caisse-3", "/caisse"), ("siege", "/siege")):
        assert demo.addresses[name].endswith(path)
        assert demo.addresses[name] in screen
    assert "Soizic Gu\u00e9guen      PIN 2580" in screen
    assert all(f" {word} " in screen for word in ("tap", "cut", "heal", "badge", "paper-out", "kill"))
    assert f"tap caisse-1 {FIRST.code}" in screen


@pytest.mark.feature("A4.1")
def test_a_tapped_card_is_an_event_of_the_till(demo: RunningDemo) -> None:
    read, who = demo.do("tap", "caisse-1", FIRST.code)
    assert read == {"said": "tapped", "name": "caisse-1", "code": FIRST.code}
    assert (who["said"], who["customer"]) == ("tap_customer", FIRST.name)
    assert who["address"] == f"{demo.addresses['caisse-1']}/clients/{FIRST.id}"


def test_a_card_that_nobody_has_is_unknown(demo: RunningDemo) -> None:
    assert demo.do("tap", "caisse-2", NOBODYS)[1]["outcome"] == "unknown"


@pytest.mark.feature("E1.2")
def test_an_edit_of_a_till_that_is_cut_off_is_everywhere_once_it_is_healed(demo: RunningDemo) -> None:
    assert demo.says("cut", "caisse-1") == ["cut"]
    until(lambda: demo.rows()["caisse-1"]["online"] is False, "the till to notice")
    edit(demo, "caisse-1", SECOND.id, civility="Dr")
    row = demo.rows()["caisse-1"]
    assert (row["line"], row["waiting"]) == ("cut", 1)
    assert customer(demo, "caisse-3", SECOND.id)["civility"] != "Dr"

    assert demo.says("heal", "caisse-1") == ["healed", "linked"]
    until(lambda: customer(demo, "caisse-3", SECOND.id)["civility"] == "Dr", "the edit at the other shop")
    until(lambda: customer(demo, "siege", SECOND.id)["civility"] == "Dr", "the edit at head office")
    until(lambda: all_equal(demo), "equal roots")


@pytest.mark.feature("E2.2")
def test_of_two_values_written_apart_one_stays_and_the_other_is_kept_beside_it(demo: RunningDemo) -> None:
    *_, first, second, healed, settled, where = demo.do("conflict")
    assert (first["said"], second["said"], healed["said"]) == ("conflict_written",) * 2 + ("conflict_healed",)
    assert settled["said"] == "conflict_settled"
    assert (settled["winner"], settled["loser"]) == (second["value"], first["value"])
    assert settled["operator"] == first["operator"]
    record = customer(demo, "caisse-2", where["address"].rpartition("/")[2])
    assert record["mobile_shown"] == second["value"]
    assert [(one["field"], one["by"]) for one in record["conflicts"]] == [("mobile", first["operator"])]
    until(lambda: all_equal(demo), "equal roots")


@pytest.mark.feature("D4.2")
def test_a_badge_waits_for_paper_and_what_is_printed_can_be_read(demo: RunningDemo) -> None:
    assert demo.says("badge", "caisse-1", FIRST.code)[-1] == "badge_state"
    [badge] = printed(demo, "caisse-1", 1)
    assert FIRST.code in [text for _, text in codes_on(badge.read_bytes())]

    assert demo.says("paper-out", "caisse-1") == ["paper_out"]
    *_, held = demo.do("badge", "caisse-1", THIRD.code)
    assert (held["said"], held["hold"]) == ("badge_held", "paper_out")
    assert demo.rows()["caisse-1"]["printer"] == "no_paper"
    assert demo.says("paper-in", "caisse-1") == ["paper_in"]
    _, second = printed(demo, "caisse-1", 2)
    assert THIRD.code in [text for _, text in codes_on(second.read_bytes())]


def printed(demo: RunningDemo, till: str, count: int) -> list[Path]:
    folder = demo.directory / till / "badges"
    until(lambda: len(list(folder.glob("*.png"))) >= count and demo.screen.count("has printed") >= count, "the badge")
    return sorted(folder.glob("*.png"))


def test_an_open_cover_shows_in_the_table(demo: RunningDemo) -> None:
    assert demo.says("cover-open", "caisse-3") == ["cover_opened"]
    assert demo.rows()["caisse-3"]["printer"] == "open"
    assert demo.says("cover-close", "caisse-3") == ["cover_closed"]


def test_a_killed_till_comes_back_by_itself_and_has_lost_nothing(demo: RunningDemo) -> None:
    edit(demo, "caisse-2", THIRD.id, civility="Me")
    before = demo.rows()["caisse-2"]["pid"]
    assert demo.says("kill", "caisse-2") == ["killed", "back"]
    assert demo.rows()["caisse-2"]["pid"] != before
    assert customer(demo, "caisse-2", THIRD.id)["civility"] == "Me"
    assert "caisse-2 is down; it is started again in 3 s" in demo.screen
    assert "caisse-2 is back" in demo.screen


def test_a_killed_head_office_comes_back_and_the_tills_find_it(demo: RunningDemo) -> None:
    assert demo.says("kill", "siege") == ["killed", "back"]
    until(lambda: all_equal(demo), "equal roots")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("tap", "caisse-9"), "there is no caisse-9 here; there are caisse-1, caisse-2, caisse-3"),
        (("badge", "caisse-1", NOBODYS), f"nobody has the card {NOBODYS}"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(demo: RunningDemo, words: tuple[str, ...], sentence: str) -> None:
    done = in_another_terminal("--directory", str(demo.directory), *words)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_it_speaks_french_to_whoever_does(demo: RunningDemo) -> None:
    done = in_another_terminal("--directory", str(demo.directory), "status", LC_ALL="fr_FR.UTF-8")
    assert "Imprimante" in done.stdout
    assert "tourne" in done.stdout


def in_another_terminal(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *words], env=ENVIRONMENT | environment, check=False, capture_output=True, text=True, timeout=60
    )


def test_two_demos_do_not_share_a_directory(demo: RunningDemo) -> None:
    done = in_another_terminal("--directory", str(demo.directory))
    assert done.returncode == 1
    assert "another process works in" in done.stderr


def test_when_it_is_killed_nothing_of_it_stays_and_it_goes_on_where_it_was(tmp_path: Path) -> None:
    with running_demo(tmp_path, customers=100) as demo:
        pids = [row["pid"] for row in demo.rows().values()]
        edit(demo, "caisse-1", FIRST.id, civility="Dr")
        until(lambda: all_equal(demo), "equal roots")
        os.kill(demo.process.pid, signal.SIGKILL)
        demo.process.wait()
        until(lambda: not any(is_alive(pid) for pid in pids), "the processes to end")
    with running_demo(tmp_path, customers=100) as again:
        assert "joins the chain" not in again.screen
        assert customer(again, "caisse-3", FIRST.id)["civility"] == "Dr"


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
