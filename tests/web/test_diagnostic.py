"""The file for support: everything of the machine, nothing of anybody."""

import json
from typing import Any

import pytest

from daemon.desk.condition import LinkShown
from daemon.desk.members import NewNote
from daemon.domain.clock_doubt import ClockDoubt
from daemon.errors import DeviceFault
from daemon.web.diagnostic import file_name
from daemon.web.parts import DeviceShown
from tests.fakes.counter import START_MS, Counter
from tests.fakes.page_reader import open_till
from tests.fakes.people import CARD, sophie

READER = DeviceShown(device="front", state="up", detail="", last_read_at=None, bad_frames=2, reconnects=0)


async def examined() -> object:
    return {"ok": True, "checks": [{"name": "disk", "state": "ok", "sentence": "69 GiB", "gesture": ""}]}


@pytest.mark.feature("E5.1")
async def test_the_file_tells_how_the_till_is_and_holds_nothing_of_a_customer(counter: Counter) -> None:
    await counter.choose_walk_in()
    id_ = await sophie(counter, notes=(NewNote(text="Préfère être appelée après 18 h"),))
    parts: dict[str, Any] = {
        "examine": examined,
        "clock_doubt": lambda: ClockDoubt(kind="behind", ms=7_200_000),
        "devices": lambda: [READER],
        "link": lambda: LinkShown(online=False, since="2025-10-09T06:05:00Z"),
    }
    async with open_till(counter, **parts) as till:
        page = await till.get("/etat")
        assert "Enregistrer un diagnostic" in page.text
        assert "aucune donnée de client" in page.text
        found = await till.get("/etat/diagnostic")
    assert found.headers["Content-Disposition"].startswith('attachment; filename="comptoir-caisse-')
    assert found.headers["Content-Type"].startswith("application/json")
    said = json.loads(found.html)
    assert said["clock"] == {"kind": "behind", "ms": 7_200_000}
    assert said["replication"]["site"] == 12
    assert said["replication"]["link"]["online"] is False
    assert said["doctor"]["checks"][0]["name"] == "disk"
    assert said["devices"][0]["device"] == "front"
    assert said["unsent"]["oldest_kinds"]["customer"] >= 1
    customer = await counter.desks.lookup.customer(bytes.fromhex(id_))  # type: ignore[arg-type]  # as the tests name it
    for personal in (customer.last_name, customer.email, customer.mobile, customer.code, CARD, id_, "18 h", "Nolwenn"):
        assert personal
        assert personal not in found.html


async def test_a_till_whose_doctor_has_no_answer_tells_the_rest(counter: Counter) -> None:
    async def silent() -> object:
        raise DeviceFault("the doctor gave no answer within 20 s")

    async with open_till(counter, examine=silent) as till:
        said = json.loads((await till.get("/etat/diagnostic")).html)
    assert said["doctor"] == {"failed": "the doctor gave no answer within 20 s"}
    assert said["replication"]["role"] == "till"


def test_the_file_is_called_by_its_till_and_its_moment() -> None:
    assert file_name(12, START_MS) == "comptoir-caisse-12-20251009T085320Z.json"
