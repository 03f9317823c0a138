"""Held tickets are found by what derives from their elements, which one damaged row does not stop."""

from pathlib import Path

import pytest

from daemon.domain import ticket_step as steps
from daemon.domain.kinds import Kind
from daemon.domain.sale import new_sale_id
from daemon.domain.ticket import TicketType
from daemon.domain.ticket_step import Hand, Held
from daemon.errors import DamagedRow
from daemon.store import rebuilding, tickets
from daemon.store.authoring import commit
from daemon.store.database import Connection
from tests.fakes.counter import OWNER, Counter, open_counter

WHO, ID = b"w" * 8, b"t" * 8
SALE = new_sale_id(12, b"s" * 8)
HAND = Hand(site=12, by="", at_ms=1_000)


def held(counter: Counter, conn: Connection) -> None:
    """A ticket that was taken over."""
    made = steps.hold(Held(owner=WHO, type=TicketType.BASKET, shop=7, at_ms=900), id_=ID)
    commit(conn, counter.replica, OWNER, [made], now_ms=counter.clock.now_ms())
    found = tickets.ticket(conn, ID)
    assert found is not None
    said = steps.take_over(found, b"k" * 8, SALE, HAND, awarded=True)
    commit(conn, counter.replica, OWNER, said, now_ms=counter.clock.now_ms())


def derived(conn: Connection) -> list[tuple[object, ...]]:
    rows = conn.execute("SELECT ticket, live FROM held_ticket").fetchall()
    return [*rows, *conn.execute("SELECT dot, sale FROM ticket_step ORDER BY dot").fetchall()]


async def test_a_ticket_is_found_by_its_id_its_shop_its_owner_and_the_sale_that_has_it(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:

        def unit(conn: Connection) -> None:
            held(counter, conn)
            (mine,) = tickets.of_sale(conn, SALE)
            assert ([mine], [mine]) == (tickets.of_owners(conn, [WHO]), tickets.live_ones(conn, 7, limit=1)[0])
            assert (tickets.live_ones(conn, 8, limit=1), tickets.ticket(conn, b"?" * 8)) == (([], False), None)
            done = steps.sold(mine, SALE, None, HAND)
            commit(conn, counter.replica, OWNER, done, now_ms=counter.clock.now_ms())
            assert (tickets.live_ones(conn, 7, limit=1), len(tickets.of_owners(conn, [WHO]))) == (([], False), 1)

        await counter.database.write(unit)


async def test_of_a_ticket_that_is_on_its_way_its_steps_are_known(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:

        def unit(conn: Connection) -> None:
            held(counter, conn)
            conn.execute("DELETE FROM element WHERE kind = ?", (int(Kind.HELD_TICKET),))
            (coming,) = tickets.of_sale(conn, SALE)
            assert (coming.id, coming.shop, tickets.element_of(conn, coming)) == (ID, 7, None)
            done = steps.sold(coming, SALE, None, HAND)
            commit(conn, counter.replica, OWNER, done, now_ms=counter.clock.now_ms())

        await counter.database.write(unit)


async def test_a_damaged_step_stops_nobody_and_counts_again_once_it_is_mended(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:

        def unit(conn: Connection) -> None:
            held(counter, conn)
            before = derived(conn)
            (body,) = conn.execute("SELECT body FROM element WHERE dot = ?", (b"k" * 8,)).fetchone()
            conn.execute("UPDATE element SET body = ? WHERE dot = ?", (bytes(len(body)), b"k" * 8))
            with pytest.raises(DamagedRow):
                tickets.ticket(conn, ID)
            made = steps.hold(Held(owner=WHO, type=TicketType.QUOTE, shop=7, at_ms=901), id_=b"u" * 8)
            commit(conn, counter.replica, OWNER, [made], now_ms=counter.clock.now_ms())
            rebuilding.derive_again(conn, (WHO, Kind.TICKET_STEP, b"k" * 8))
            assert (b"k" * 8, SALE) not in derived(conn)
            conn.execute("UPDATE element SET body = ? WHERE dot = ?", (body, b"k" * 8))
            rebuilding.derive_again(conn, (WHO, Kind.TICKET_STEP, b"k" * 8))
            assert set(before) <= set(derived(conn))

        await counter.database.write(unit)


async def test_an_award_waits_until_every_till_of_the_shop_has_told_this_very_process(tmp_path: Path) -> None:
    async with open_counter(tmp_path) as counter:

        def unit(conn: Connection) -> None:
            conn.execute("INSERT INTO shop (shop, name) VALUES (1, ''), (2, '')")
            conn.execute("INSERT INTO site (site, shop, enrolled_ms) VALUES (2,1,0), (3,1,0), (4,2,0)")
            conn.execute("INSERT INTO roster (site, told_boot) VALUES (2, ?), (3, ?)", (b"now", b"before"))
            assert not tickets.shop_has_told(conn, 1, b"now")
            conn.execute("UPDATE roster SET excused_boot = ? WHERE site = 3", (b"now",))
            assert tickets.shop_has_told(conn, 1, b"now")
            assert not tickets.shop_has_told(conn, 2, b"now")
            assert (tickets.shop_of_till(conn, 4), tickets.shop_of_till(conn, 5)) == (2, None)

        await counter.database.write(unit)
