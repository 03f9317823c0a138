"""`comptoir audit`, and what the doctor says of the trail."""

from pathlib import Path

import pytest

from daemon.cli import audit_words
from daemon.cli.words import speak
from daemon.domain.audit import key_from
from daemon.domain.change import Actor
from daemon.head_office.founding import DATABASE, KEYS
from daemon.hub.chain_keys import read_pin_key
from daemon.store import audit
from daemon.store.database import open_connection
from daemon.store.replica import Replica
from tests.fakes.comptoir import Comptoir
from tests.fakes.counter import Counter
from tests.fakes.head_office import Site, copied_chain


@pytest.mark.feature("F2.6")
async def test_the_newest_acts_are_shown_newest_last(comptoir: Comptoir, counter: Counter) -> None:
    for name in ("Léa", "Max"):
        await counter.hire(name)
    shown = await comptoir("audit", "--last", "2")
    title, *rows = shown.out.splitlines()
    assert title.split() == ["No.", "When", "Who", "What", "About"]
    assert [row.split("  ")[-2].strip() for row in rows] == ["operator create", "operator create"]
    assert [int(row.split()[0]) for row in rows] == sorted(int(row.split()[0]) for row in rows)
    whole = await comptoir("audit", "--json")
    assert len(whole.json["acts"]) >= 2


@pytest.mark.feature("F2.6")
async def test_the_doctor_names_the_first_act_that_does_not_fit(chain: Path, tmp_path: Path) -> None:
    hub, _ = copied_chain(chain, tmp_path)
    key = key_from(read_pin_key(hub.state / KEYS))
    conn = open_connection(hub.state / DATABASE)
    try:
        replica = Replica(b"bootboot")
        replica.audit_key = key
        for number in range(3):
            audit.note(conn, replica, Actor(), f"act {number}", now_ms=1_790_000_000_000)
        last = audit.end(conn).n
        assert (await examined(hub))["state"] == "ok"
        conn.execute("UPDATE audit SET what = 'nothing' WHERE n = ?", (last - 1,))
        broken = await examined(hub)
        assert (broken["state"], f"from act {last - 1} on" in broken["sentence"]) == ("failed", True)
        (hub.state / KEYS / "pin.key").unlink()
        assert (await examined(hub))["state"] == "skipped"
    finally:
        conn.close()


async def examined(hub: Site) -> dict[str, str]:
    found = await hub.comptoir("doctor", "--json", "--config", hub.config)
    checks: list[dict[str, str]] = found.json["checks"]
    return next(check for check in checks if check["name"] == "audit")


@pytest.mark.feature("F2.6")
async def test_what_was_done_is_said_in_the_language_of_who_reads(comptoir: Comptoir, counter: Counter) -> None:
    lea = await counter.hire("Léa", pin="4821")
    await counter.desks.operators.log_in_by_pin(bytes.fromhex(lea), "4821")  # type: ignore[arg-type]  # an id
    shown = (await comptoir.in_french()("audit", "--last", "2")).out
    assert "opérateur\u00a0: création" in shown
    assert "connexion par code" in shown
    assert "Quoi" in shown.splitlines()[0]


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("asked a second person: block", "a demandé à une seconde personne, pour un blocage"),
        ("approve discount 1500", "accord de seconde personne\u00a0: remise, 1500"),
        ("second person for at_risk 900", "seconde personne pour\u00a0: dépense à risque, 900"),
        ("customer change, card add", "client\u00a0: modification, carte\u00a0: ajout"),
        ("something of a newer version", "something of a newer version"),
    ],
)
def test_what_two_people_did_together_is_said_in_french(kept: str, told: str) -> None:
    speak("fr")
    try:
        assert audit_words.act(kept) == told
    finally:
        speak("en")
