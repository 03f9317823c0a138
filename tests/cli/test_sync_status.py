"""`comptoir sync status`: the truth line and the figures."""

import io
import re
from typing import Any

import pytest
from typing_extensions import override

from daemon.cli.sync_status import show
from daemon.cli.terminal import Terminal
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter


@pytest.mark.feature("E5.1")
async def test_what_waits_is_told_since_when(counter: Counter, comptoir: Comptoir) -> None:
    quiet = await comptoir("sync", "status")
    assert quiet.out.splitlines()[:2] == [
        "Till 12  shop 7 · chain test",
        "saved here ✓ · head office has everything ✓",
    ]
    for name in ("a", "b", "c"):
        await comptoir("customers", "create", "--last-name", name, "--surface", "import")
    waiting = await comptoir("sync", "status")
    assert re.fullmatch(
        r"saved here ✓ · head office: 3 waiting since \d{4}-\d\d-\d\d \d\d:\d\d", waiting.out.splitlines()[1]
    )
    french = await comptoir.in_french()("sync", "status")
    assert re.fullmatch(
        r"enregistré ici ✓ · siège\u00a0: 3 en attente depuis le \d\d/\d\d/\d{4} \d\d:\d\d", french.out.splitlines()[1]
    )
    assert re.search(r"\n  Horloge +pas confirmée depuis le démarrage\n", french.out)


async def test_json_has_every_figure_under_the_names_of_the_api(comptoir: Comptoir) -> None:
    found = (await comptoir("sync", "status", "--json")).json
    assert {"role", "chain", "site", "shop", "incarnation", "head_seq", "applied_seq", "root", "copy", "feeds"} <= set(
        found
    )
    assert re.fullmatch("[0-9a-f]{32}", found["root"])


async def test_a_stopped_daemon_ends_with_three(alone: Comptoir, tmp_path_factory: pytest.TempPathFactory) -> None:
    socket = tmp_path_factory.mktemp("none") / "comptoir.sock"
    stopped = await alone("sync", "status", "--socket", socket)
    assert (stopped.code, stopped.err) == (3, f"comptoir: no daemon answers on {socket}: is it running?\n")
    as_json = await alone("sync", "status", "--socket", socket, "--json")
    assert as_json.json["error"]["exit"] == 3


NOW_MS = 1_763_756_050_000
PROVED = "2025-11-21T20:14:00Z"
REPLICATION: dict[str, Any] = {
    "role": "till",
    "chain": "essai",
    "site": 3,
    "shop": 1,
    "incarnation": 7,
    "anchored": True,
    "head_seq": 12,
    "applied_seq": 12,
    "backed_up": 0,
    "open_records": 2,
    "root": "00" * 16,
    "copy": {"proved_at": "2025-11-21T20:14:00Z", "age_s": 10, "waiting": 0, "waiting_since": None},
    "feeds": [
        {"reach": "chain", "number": 0, "generation": 2, "offset": 48213, "proved_offset": 48210, "proved_at": PROVED},
        {"reach": "shop", "number": 1, "generation": 2, "offset": 5, "proved_offset": 0, "proved_at": None},
    ],
    "link": {"online": True, "since": "2025-11-21T20:00:00Z", "detail": "3 behind"},
}


class Screen(io.StringIO):
    """Where colours are shown."""

    @override
    def isatty(self) -> bool:
        return True


def shown(**said: Any) -> list[str]:
    out = io.StringIO()
    show(Terminal(out, io.StringIO(), environ={}), {**REPLICATION, **said}, NOW_MS)
    return out.getvalue().splitlines()


def test_all_figures_stand_in_their_place() -> None:
    lines = shown()
    assert lines[:2] == ["Till 3  shop 1 · chain essai", "saved here ✓ · head office has everything ✓"]
    facts = {" ".join(line.split("  ")[1:2]): line.rpartition("  ")[2] for line in lines[2:] if line[2] != " "}
    assert facts["Saved here"] == "12 records given positions"
    assert facts["At head office"] == "12 applied"
    assert facts["In its backup"] == "no backup yet"
    assert facts["Proved equal"] == "10 s ago, with head office, at position 48,210"
    assert facts["Feed of the chain"] == "generation 2, position 48,213 · proved equal 10 s ago, at position 48,210"
    assert facts["Feed of the shop"] == "generation 2, position 5 · never proved equal"
    assert facts["Clock"] == "confirmed"
    assert facts["Line to head office"].startswith("online · since 2025-11-21 ")
    assert facts["Line to head office"].endswith(" · 3 behind")
    assert "Certificate" not in facts
    assert any(line.strip() == "2 more wait for the time" for line in lines)
    assert any("up to position 48,213" in line for line in shown(backed_up=48_213))


@pytest.mark.feature("E5.1")
def test_a_feed_that_is_not_proved_equal_stands_in_colour() -> None:
    out = Screen()
    show(Terminal(out, io.StringIO(), environ={}), REPLICATION, NOW_MS)
    chain, shop = (line for line in out.getvalue().splitlines() if "Feed of" in line)
    assert ("\x1b[33m" in chain, "\x1b[33m" in shop) == (False, True)


def test_a_disk_that_ran_in_another_machine_is_told_with_its_moment() -> None:
    assert not any("Other machine" in line for line in shown())
    [line] = [line for line in shown(moved_at="2025-11-21T20:00:00Z") if "Other machine" in line]
    assert "this disk ran in another machine before, until 2025-11-21 " in line


def test_the_end_of_the_certificate_is_told() -> None:
    lines = shown(link={**REPLICATION["link"], "certificate_until": "2026-01-30T12:00:00Z"})
    assert [line.split() for line in lines if "Certificate" in line] == [["Certificate", "until", "2026-01-30"]]


def test_head_office_has_a_line_to_its_broker_and_no_truth_line() -> None:
    lines = shown(role="hub", feeds=[], link={"online": False, "since": None, "detail": ""})
    assert lines[0] == "Head office  chain essai"
    assert lines[1].split("  ")[-1] == "offline"
    assert lines[1].strip().startswith("Line to the broker")


def test_the_two_passes_of_a_filling_are_told_apart() -> None:
    lines = shown(fill={"rows": 1_000_000, "total": 1_000_000, "history": {"rows": 360_000, "total": 900_000}})
    assert any(re.fullmatch(r" +Filling +100 % {1,2}1,000,000 of 1,000,000 rows", line) for line in lines)
    assert any(re.fullmatch(r" +Sales history +40 % {1,2}360,000 of 900,000 rows", line) for line in lines)


def test_a_filling_and_a_database_made_anew_are_told() -> None:
    rescue = {"at": "2025-11-21T20:00:00Z", "records": 40, "unsent": 3, "holes": 1}
    lines = shown(fill={"rows": 412_000, "total": 1_000_000}, rescue=rescue)
    assert any(re.fullmatch(r" +Filling +41 % {1,2}412,000 of 1,000,000 rows", line) for line in lines)
    assert any(re.fullmatch(r" +Sales history +after that", line) for line in lines)
    assert any(
        re.fullmatch(r" +Database made anew +.*, 3 unsent records saved, 1 place unreadable", line) for line in lines
    )
