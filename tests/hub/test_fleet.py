"""The fleet: facts of each till, and labels that wait for a till to have a number."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from daemon import certificates
from daemon.domain.feed import CHAIN, Cursor
from daemon.domain.site_row import label_of, site_key
from daemon.errors import OperatorMistake
from daemon.head_office.performer import note
from daemon.head_office.roster import ShownFleet
from daemon.hub.commands import Note
from daemon.hub.enrolment import CODE_LIFE_MS, EnrolmentOffice, Terms
from daemon.hub.fleet import Fleet
from daemon.store import elements, ordering
from daemon.store.database import Connection, open_database
from daemon.store.replica import Identity, Replica, write_identity
from daemon.sync import wire
from daemon.sync.enrol_wire import read_code
from daemon.sync.till_facts import DeviceTold, Fact, device_fact
from tests.fakes.counter import START_MS, FakeClock


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[tuple[Fleet, EnrolmentOffice, FakeClock]]:
    authority = certificates.create_authority("test", START_MS)
    server = certificates.issue_server(authority, ("localhost",), START_MS)
    terms = Terms(chain="test", broker_host="localhost", broker_port=8883, pin_key=bytes(32))
    clock = FakeClock()
    async with open_database(tmp_path / "hub.db") as database:
        made = EnrolmentOffice(database=database, authority=authority, server=server, terms=terms, access=None)
        replica = Replica(b"boot-hub")

        def found(conn: Connection) -> None:
            write_identity(conn, Identity(chain="test", site=1, shop=0, incarnation=1, lot=b"l" * 8))
            replica.reload(conn)

        await database.write(found)
        yield Fleet(database, made, clock, replica), made, clock


async def enrolled(office: EnrolmentOffice, code: str, now_ms: int) -> int:
    request = certificates.signing_request(certificates.new_key(), "till")
    return int((await office.accept(request, read_code(code).secret, now_ms)).site)


async def test_a_label_waits_for_its_till_and_stays_with_it(office: tuple[Fleet, EnrolmentOffice, FakeClock]) -> None:
    fleet, doors, clock = office
    first, second = await fleet.add_till(1, "Caisse 1"), await fleet.add_till(1, "Caisse 2")
    assert await fleet.facts() == []
    # The second code is used first: labels follow codes, not numbers.
    assert await enrolled(doors, second.code, clock.now_ms()) == 2
    assert await enrolled(doors, first.code, clock.now_ms()) == 3
    # Codes are forgotten after a month, when the next one is made; labels are not.
    clock.at_ms += 40 * CODE_LIFE_MS
    await fleet.add_till(2)
    assert [(till.site, till.label) for till in await fleet.facts()] == [(2, "Caisse 2"), (3, "Caisse 1")]
    head = fleet._replica.cursors, await fleet._database.read(_feed_length)
    await fleet.tell_labels()
    assert (fleet._replica.cursors, await fleet._database.read(_feed_length)) == head, (
        "what was heard is not said again"
    )

    def told(conn: Connection) -> list[str]:
        return [label_of(elements.element(conn, site_key(site))) for site in (1, 2, 3)]

    assert await fleet._database.read(told) == ["", "Caisse 2", "Caisse 1"], "the chain hears of it"


def _feed_length(conn: Connection) -> int:
    return int(conn.execute("SELECT count(*) FROM feed").fetchone()[0])


async def test_a_label_whose_code_was_never_used_goes_with_it(
    office: tuple[Fleet, EnrolmentOffice, FakeClock], tmp_path: Path
) -> None:
    fleet, _, clock = office
    await fleet.add_till(1, "Never")
    clock.at_ms += 40 * CODE_LIFE_MS
    await fleet.add_till(1)
    await fleet.facts()

    def left(conn: Connection) -> int:
        return int(conn.execute("SELECT count(*) FROM meta WHERE name LIKE 'till_label/%'").fetchone()[0])

    assert await fleet._database.read(left) == 0


async def test_what_a_till_never_said_is_not_known(office: tuple[Fleet, EnrolmentOffice, FakeClock]) -> None:
    fleet, doors, clock = office
    made = await fleet.add_till(5)
    await enrolled(doors, made.code, clock.now_ms())
    (till,) = await fleet.facts()
    assert (till.site, till.shop, till.online, till.revoked) == (2, 5, False, False)
    assert (till.heard_ms, till.version, till.offset, till.behind, till.waiting) == (None,) * 5
    await fleet.revoke(2)
    (till,) = await fleet.facts()
    assert till.revoked


@pytest.mark.parametrize(("shop", "label"), [(0, ""), (70_000, ""), (1, "x" * 61), (1, "a\x1bb")])
async def test_an_impossible_till_is_refused(
    office: tuple[Fleet, EnrolmentOffice, FakeClock], shop: int, label: str
) -> None:
    with pytest.raises(OperatorMistake):
        await office[0].add_till(shop, label)


async def test_a_till_on_the_line_is_as_late_as_it_was_when_it_was_last_heard(
    office: tuple[Fleet, EnrolmentOffice, FakeClock],
) -> None:
    fleet, doors, clock = office
    site = await enrolled(doors, (await fleet.add_till(1)).code, clock.now_ms())
    head = Cursor(1, 40, bytes(16))

    def heard(conn: Connection, *, online: int) -> None:
        ordering.save_feed_head(conn, CHAIN, replace(head, offset=30))
        note(conn, Note(site, report=wire.Report(clock.now_ms(), 0, 28, "0.1.0")), now_ms=clock.now_ms())
        # Ten more since, of which nobody knows yet who has them.
        ordering.save_feed_head(conn, CHAIN, head)
        conn.execute("UPDATE roster SET online = ?", (online,))

    found = []
    for online in (1, 0):
        await fleet._database.write(partial(heard, online=online))
        found.append((await fleet.facts())[0])
    assert [till.behind for till in found] == [2, 12]
    assert found[0].certificate_until_ms == clock.now_ms() // 1000 * 1000 + certificates.LEAF_DAYS * 86_400_000


async def test_devices_are_known_as_a_till_last_told_them(office: tuple[Fleet, EnrolmentOffice, FakeClock]) -> None:
    fleet, doors, clock = office
    site = await enrolled(doors, (await fleet.add_till(1)).code, clock.now_ms())
    assert (await fleet.facts())[0].devices is None
    told = (DeviceTold("scanner", "up", clock.now_ms(), 2, 3, 1, 0),)

    def heard(conn: Connection, *, facts: dict[int, Any]) -> None:
        note(conn, Note(site, report=wire.Report(clock.now_ms(), 0, 0, "0.1.0", facts)), now_ms=clock.now_ms())

    await fleet._database.write(partial(heard, facts={Fact.DEVICES: device_fact(told)}))
    assert (await fleet.facts())[0].devices == told
    [shown] = await ShownFleet(fleet).tills()
    assert shown.devices
    assert (shown.devices[0].device, shown.devices[0].state, shown.devices[0].suppressed) == ("scanner", "up", 3)
    await fleet._database.write(partial(heard, facts={Fact.DEVICES: "nonsense"}))
    assert (await fleet.facts())[0].devices is None
